import { Fragment } from "react";
import { piecesOf } from "./ansi";
import "./ansi.css";

interface Props {
  line: string;
  /** What to mark where it occurs, whatever its case. */
  mark?: string;
}

/** A line as a terminal would show it. */
export function AnsiText({ line, mark = "" }: Props) {
  let at = 0;
  return piecesOf(line).map(({ text, colour, isBold }) => {
    const key = at;
    at += text.length;
    const look = [
      colour === undefined ? "" : `slipway-ansi-${colour}`,
      isBold ? "slipway-ansi-bold" : "",
    ].join(" ");
    return look.trim() ? (
      <span key={key} className={look.trim()}>
        {marked(text, mark)}
      </span>
    ) : (
      <Fragment key={key}>{marked(text, mark)}</Fragment>
    );
  });
}

/** A text with what was searched for marked. */
function marked(text: string, mark: string) {
  if (!mark) return text;
  const [lower, wanted] = [text.toLowerCase(), mark.toLowerCase()];
  const parts = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + mark.length)}</mark>);
    from = at + mark.length;
  }
  return [...parts, text.slice(from)];
}
