import { SearchOutlined } from "@ant-design/icons";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { kept } from "@/lib/kept";
import { AFTER_MS, GOES, type Go, heard, isLetter, isSingle } from "@/lib/keys";
import { lazyDialog } from "@/ui/lazyDialog";

const Palette = lazyDialog(() => import("./Palette"), "Palette");
const KeysDialog = lazyDialog(() => import("./KeysDialog"), "KeysDialog");

/** The button that finds everything, and the keys that do what the mouse does. */
export function Finder() {
  const { t } = useTranslation("shell");
  const [open, setOpen] = useState<"palette" | "keys">();
  const [text, setText] = useState("");
  const close = () => {
    setOpen(undefined);
    setText("");
  };
  useKeys(setOpen, open && ((letter) => setText((before) => before + letter)));
  return (
    <>
      <Button
        type="text"
        style={{ color: "#fff" }}
        icon={<SearchOutlined />}
        aria-label={t("find")}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        title={t("findHint")}
        onClick={() => setOpen("palette")}
      />
      {open === "palette" && (
        <Palette text={text} onText={setText} onClose={close} onKeys={() => setOpen("keys")} />
      )}
      {open === "keys" && <KeysDialog onClose={close} />}
    </>
  );
}

/** Do what keys ask for; while a dialog is open, letters that are not in its field yet go to `onLetter`. */
function useKeys(
  onOpen: (open: "palette" | "keys") => void,
  onLetter: ((letter: string) => void) | undefined,
): void {
  const navigate = useNavigate();
  const after = useRef(0);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (onLetter) {
      if (!isLetter(event)) return;
      event.preventDefault();
      onLetter(event.key);
      return;
    }
    const command = heard(event, event.timeStamp < after.current);
    after.current = 0;
    if (!command || (isSingle(command) && !kept().hasKeys)) return;
    event.preventDefault();
    if (command === "after") after.current = event.timeStamp + AFTER_MS;
    else if (command === "keys") onOpen("keys");
    else if (command in GOES) void navigate({ to: GOES[command as Go] });
    else if (command === "find" || !focusFilter()) onOpen("palette");
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}

/** Put the focus into the page's first filter; return whether it has one. */
function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>("#content input[data-filter]");
  filter?.focus();
  filter?.select();
  return filter !== null;
}
