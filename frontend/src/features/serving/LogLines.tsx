import { theme } from "antd";
import { Fragment, useEffect, useRef } from "react";
import { AnsiText } from "./AnsiText";

interface Props {
  lines: string[];
  /** Keep the newest line in sight. */
  sticks: boolean;
  height: number | string;
  label: string;
}

/** Lines of a log, as they are. */
export function LogLines({ lines, sticks, height, label }: Props) {
  const { token } = theme.useToken();
  const box = useRef<HTMLPreElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useEffect(() => {
    if (sticks && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, sticks]);
  return (
    <pre
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      style={{
        margin: 0,
        padding: 12,
        maxHeight: height,
        overflow: "auto",
        fontSize: 12,
        lineHeight: 1.5,
        background: token.colorFillQuaternary,
        border: `1px solid ${token.colorBorderSecondary}`,
        borderRadius: token.borderRadius,
        whiteSpace: "pre-wrap",
        overflowWrap: "anywhere",
      }}
    >
      {lines.map((line, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Fragment key={number}>
          {number > 0 && "\n"}
          <AnsiText line={line} />
        </Fragment>
      ))}
    </pre>
  );
}
