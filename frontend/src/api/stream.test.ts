import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  BURST_MS,
  GOODBYE,
  REOPENING_MS,
  SharedStream,
  SILENCE_MS,
  TOGETHER_MS,
  type Word,
} from "./stream";

/** A stream of the browser, as a test plays it. */
class PlayedSource extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static all: PlayedSource[] = [];
  readyState = 0;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onerror?: () => void;

  constructor(readonly url: string) {
    super();
    PlayedSource.all.push(this);
  }

  close(): void {
    this.readyState = PlayedSource.CLOSED;
  }

  open(): void {
    this.readyState = PlayedSource.OPEN;
    this.onopen?.();
  }

  say(id: string): void {
    this.onmessage?.({ data: JSON.stringify({ object: "rollout", id, project: "fraud" }) });
  }
}

/** A page's end of a port: what it hears, and how it goes. */
function page(): { port: MessagePort; heard: Word[]; leave: () => void } {
  const heard: Word[] = [];
  const port = { postMessage: (word: Word) => heard.push(word), close: vi.fn(), onmessage: null };
  const leave = () => (port as unknown as MessagePort).onmessage?.({ data: GOODBYE } as never);
  return { port: port as unknown as MessagePort, heard, leave };
}

const open = () => PlayedSource.all.filter(({ readyState }) => readyState !== 2);

beforeEach(() => {
  PlayedSource.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", PlayedSource);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("seven pages share one stream, and each hears of a change", () => {
  const stream = new SharedStream();
  const pages = Array.from({ length: 7 }, page);
  for (const { port } of pages) stream.join(port);
  expect(open()).toHaveLength(1);
  open()[0]?.open();
  open()[0]?.say("17");
  vi.advanceTimersByTime(BURST_MS);
  const changes = [{ object: "rollout", id: "17", project: "fraud" }];
  for (const { heard } of pages)
    expect(heard).toEqual([{ is: "open" }, { is: "changed", changes }]);
});

it("the first changes of a burst are heard at once, and those that follow together", () => {
  const stream = new SharedStream();
  const { port, heard } = page();
  stream.join(port);
  const ids = () =>
    heard.map((word) => (word.is === "changed" ? word.changes.map((c) => c.id) : []));
  for (const id of ["1", "2"]) open()[0]?.say(id);
  vi.advanceTimersByTime(TOGETHER_MS);
  expect(ids()).toEqual([["1", "2"]]);
  for (const id of ["3", "4"]) {
    open()[0]?.say(id);
    vi.advanceTimersByTime(2 * TOGETHER_MS);
  }
  expect(ids()).toEqual([["1", "2"]]);
  vi.advanceTimersByTime(BURST_MS);
  expect(ids()).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
});

it("a page that comes later is told that the stream is open", () => {
  const stream = new SharedStream();
  stream.join(page().port);
  open()[0]?.open();
  const late = page();
  stream.join(late.port);
  expect(late.heard).toEqual([{ is: "open" }]);
});

it("is closed when the last page goes, and opened for the next", () => {
  const stream = new SharedStream();
  const [first, second] = [page(), page()];
  for (const { port } of [first, second]) stream.join(port);
  first.leave();
  expect(open()).toHaveLength(1);
  second.leave();
  expect(open()).toHaveLength(0);
  stream.join(page().port);
  expect(open()).toHaveLength(1);
});

it("a burst is told once", () => {
  const stream = new SharedStream();
  const { port, heard } = page();
  stream.join(port);
  for (const id of ["1", "2", "3"]) open()[0]?.say(id);
  vi.advanceTimersByTime(BURST_MS);
  expect(heard).toHaveLength(1);
});

it("a refused stream is asked for again, at once when somebody comes", () => {
  const stream = new SharedStream();
  const { port, heard } = page();
  stream.join(port);
  open()[0]?.close();
  PlayedSource.all[0]?.onerror?.();
  expect(heard).toEqual([{ is: "lost" }]);
  vi.advanceTimersByTime(REOPENING_MS);
  expect(open()).toHaveLength(1);
  open()[0]?.close();
  stream.join(page().port);
  expect(open()).toHaveLength(1);
});

it("a stream without heartbeats is dead, and is opened again", () => {
  const stream = new SharedStream();
  const { port, heard } = page();
  stream.join(port);
  open()[0]?.open();
  for (let beat = 0; beat < 3; beat += 1) {
    vi.advanceTimersByTime(SILENCE_MS - 1);
    open()[0]?.dispatchEvent(new Event("heartbeat"));
  }
  expect(heard).toEqual([{ is: "open" }]);
  vi.advanceTimersByTime(SILENCE_MS);
  expect(heard).toEqual([{ is: "open" }, { is: "lost" }]);
  expect([PlayedSource.all.length, open().length]).toEqual([2, 1]);
});
