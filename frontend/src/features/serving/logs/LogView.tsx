import { type MouseEvent, memo, useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { AnsiText } from "../AnsiText";
import { levelOf } from "./levels";
import { nameOf, wordsOf } from "./shownLines";
import type { Numbered } from "./useLog";
import "./logs.css";

/** How lines are shown. */
interface Look {
  isTimed: boolean;
  isOfMany: boolean;
  mark: string;
}

interface Props extends Look {
  entries: Numbered[];
  label: string;
  wraps: boolean;
  /** Keep the newest line in sight. */
  sticks: boolean;
  /** The reader scrolled away from the end, or back to it. */
  onStick: (sticks: boolean) => void;
  /** The line that is pointed at. */
  current: number | undefined;
  onChoose: (entry: Numbered) => void;
}

/** Lines that are drawn anew together: one that comes draws a few, not all. */
const BLOCK = 200;
const NEAR_END_PIXELS = 24;

/** Lines of logs, the newest last. */
export function LogView({ entries, label, wraps, sticks, onStick, current, ...shown }: Props) {
  const { onChoose, ...look } = shown;
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useLayoutEffect(() => {
    if (sticks && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [entries, sticks, wraps]);
  useEffect(() => {
    if (current === undefined) return;
    box.current?.querySelector(`[data-number="${current}"]`)?.scrollIntoView({ block: "center" });
  }, [current]);
  const choose = (event: MouseEvent) => {
    const line = (event.target as HTMLElement).closest("[data-choose]")?.closest("[data-number]");
    const number = Number(line?.getAttribute("data-number"));
    const entry = line && entries.find((one) => one.number === number);
    if (entry) onChoose(entry);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard, a line is chosen by searching for it
    <div
      ref={box}
      className={wraps ? "slipway-log" : "slipway-log is-unwrapped"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      onClick={choose}
      onScroll={({ currentTarget: it }) =>
        onStick(it.scrollHeight - it.scrollTop - it.clientHeight < NEAR_END_PIXELS)
      }
    >
      {blocksOf(entries).map((block) => (
        <Block
          key={blockOf(block[0])}
          entries={block}
          {...look}
          current={currentIn(block, current)}
        />
      ))}
    </div>
  );
}

const blockOf = (entry: Numbered | undefined) => Math.floor((entry?.number ?? 0) / BLOCK);

/** Only the block that holds the current line is drawn anew when it changes. */
function currentIn(block: Numbered[], current: number | undefined): number | undefined {
  return block.some(({ number }) => number === current) ? current : undefined;
}

/** Part lines into blocks that stay the same when more lines come, or the oldest go. */
function blocksOf(entries: Numbered[]): Numbered[][] {
  const blocks: Numbered[][] = [];
  for (const entry of entries) {
    const last = blocks.at(-1);
    if (last && blockOf(last[0]) === blockOf(entry)) last.push(entry);
    else blocks.push([entry]);
  }
  return blocks;
}

interface BlockProps extends Look {
  entries: Numbered[];
  current: number | undefined;
}

const Block = memo(
  function Block({ entries, current, ...look }: BlockProps) {
    return (
      <div className="slipway-log-block">
        {entries.map((entry) => (
          <Line key={entry.number} entry={entry} isCurrent={entry.number === current} {...look} />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.current === after.current &&
    before.isTimed === after.isTimed &&
    before.isOfMany === after.isOfMany &&
    before.mark === after.mark &&
    before.entries.length === after.entries.length &&
    before.entries.every((entry, index) => entry === after.entries[index]),
);

interface LineProps extends Look {
  entry: Numbered;
  isCurrent: boolean;
}

function Line({ entry, isCurrent, isTimed, isOfMany, mark }: LineProps) {
  const { t } = useTranslation("serving");
  const isNotice = entry.notice !== undefined;
  const level = isNotice ? undefined : levelOf(wordsOf(entry));
  const kind = isNotice ? (entry.reason ? "is-refused" : "is-notice") : level && `is-${level}`;
  return (
    <div
      className={`slipway-log-line ${kind ?? ""}`}
      data-number={entry.number}
      data-current={isCurrent || undefined}
    >
      {isTimed && (
        <button
          type="button"
          className="slipway-log-time"
          data-choose
          // Ten thousand stops of the tab key are none.
          tabIndex={-1}
          title={nameOf(entry) && t("linkToLine", { at: entry.at })}
          disabled={!nameOf(entry) || isNotice}
        >
          {clockOf(entry.at)}
        </button>
      )}
      {isOfMany && entry.pod && (
        <span className="slipway-log-pod" title={`${entry.pod} / ${entry.container}`}>
          {entry.pod.slice(-5)}
        </span>
      )}
      <span className="slipway-log-text">
        {isNotice ? entry.notice : <AnsiText line={entry.line ?? ""} mark={mark} />}
      </span>
    </div>
  );
}

/** The time of day in the reader's zone, to the millisecond. */
function clockOf(at: string | null): string {
  if (!at) return "—";
  const moment = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(":");
  return `${time}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}
