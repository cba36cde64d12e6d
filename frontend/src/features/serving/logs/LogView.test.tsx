import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { LogView } from "./LogView";
import type { Numbered } from "./useLog";

afterEach(cleanup);

const LOOK = { label: "Log", wraps: true, isTimed: true, isOfMany: true, mark: "" };

const entry = (number: number, change: Partial<Numbered> = {}): Numbered => ({
  pod: "scorer-abcde",
  container: "model",
  at: `2026-11-30T08:00:0${number}.000000Z`,
  line: `line ${number}`,
  number,
  ...change,
});

function shown(change: Partial<Parameters<typeof LogView>[0]> = {}) {
  const props = {
    ...LOOK,
    entries: [entry(0), entry(1, { line: "ERROR gone" })],
    sticks: true,
    onStick: vi.fn(),
    current: undefined,
    onChoose: vi.fn(),
    ...change,
  };
  const view = render(<LogView {...props} />);
  return { ...view, props, log: screen.getByRole("log") };
}

/** Let a box be as tall as what it holds would make it. */
function measured(log: HTMLElement, scrollTop: number) {
  Object.defineProperties(log, {
    scrollHeight: { value: 1_000, configurable: true },
    clientHeight: { value: 200, configurable: true },
  });
  log.scrollTop = scrollTop;
}

it("pauses when the reader scrolls away, and goes on at the end", () => {
  const { log, props } = shown();
  measured(log, 300);
  fireEvent.scroll(log);
  expect(props.onStick).toHaveBeenLastCalledWith(false);
  measured(log, 790);
  fireEvent.scroll(log);
  expect(props.onStick).toHaveBeenLastCalledWith(true);
});

it("keeps the newest line in sight unless it is paused", () => {
  const { log, props, rerender } = shown();
  measured(log, 0);
  rerender(<LogView {...props} entries={[...props.entries, entry(2)]} />);
  expect(log.scrollTop).toBe(1_000);
  measured(log, 300);
  rerender(<LogView {...props} sticks={false} entries={[...props.entries, entry(2), entry(3)]} />);
  expect(log.scrollTop).toBe(300);
});

it("colours levels, names pods, and says in its place why a log is missing", () => {
  const notice = entry(2, { line: undefined, notice: "Its node is away.", reason: "NodeAway" });
  const { log } = shown({ entries: [entry(1, { line: "ERROR gone" }), notice] });
  expect(screen.getByText("ERROR gone").parentElement?.className).toContain("is-error");
  expect(screen.getByText("Its node is away.").parentElement?.className).toContain("is-refused");
  expect(log.textContent).toContain("abcde");
});

it("marks what is searched for, and the line that is pointed at", () => {
  const { log } = shown({ mark: "GONE", current: 1 });
  expect(log.querySelector("mark")?.textContent).toBe("gone");
  expect(log.querySelector("[data-current]")?.textContent).toContain("ERROR gone");
});

it("links to a line by its time", () => {
  const { props, log } = shown();
  fireEvent.click(log.querySelectorAll("button")[1] as HTMLElement);
  expect(props.onChoose).toHaveBeenCalledWith(props.entries[1]);
});
