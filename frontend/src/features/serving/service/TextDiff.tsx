import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { theme } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useIsDark } from "@/lib/preferences";

interface Props {
  label: string;
  before: string;
  after: string;
}

/** Two texts, with what went and what came; far-away equal lines are folded. */
export default function TextDiff({ label, before, after }: Props) {
  const { t } = useTranslation("serving");
  const { token } = theme.useToken();
  const unchanged = t("unchangedLines");
  const dark = useIsDark();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          lineNumbers(),
          EditorState.phrases.of({ "$ unchanged lines": unchanged }),
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.lineWrapping,
          EditorView.theme(
            {
              "&": { fontSize: "12px" },
              // The signs around it are in few fonts.
              ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '""' },
              ".cm-gutters": { background: "transparent", color: token.colorTextTertiary },
            },
            { dark },
          ),
          unifiedMergeView({
            original: before,
            mergeControls: false,
            gutter: true,
            highlightChanges: true,
            collapseUnchanged: { margin: 3, minSize: 6 },
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [label, before, after, dark, unchanged, token.colorTextTertiary]);
  return <div ref={place} />;
}
