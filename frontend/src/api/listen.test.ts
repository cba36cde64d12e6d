import { focusManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listen, liveState, RECHECKING_MS, refetchInterval } from "./live";
import { makeQueryClient } from "./queries";
import { clock, LATE_MS } from "./requests";
import { GOODBYE, type Word } from "./stream";

interface Line {
  port: MessagePort;
  said: unknown[];
  tell: (word: Word) => void;
}

/** Lines to a stream, one for each time that the page reaches for it. */
const lines: Line[] = [];

function reached(): MessagePort {
  const said: unknown[] = [];
  const port = {
    postMessage: (word: unknown) => said.push(word),
    close: vi.fn(),
    onmessage: null,
  } as unknown as MessagePort;
  const tell = (data: Word) => port.onmessage?.({ data } as MessageEvent<Word>);
  lines.push({ port, said, tell });
  return port;
}

const newest = () => lines.at(-1) as Line;
const request = (id: string) => ({ id }) as never;

function turn(kind: "pagehide" | "pageshow"): void {
  window.dispatchEvent(Object.assign(new Event(kind), { persisted: true }));
}

let queries: QueryClient;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = 0;
  queries = new QueryClient();
  stop = listen(queries, reached);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

it("a page is live once the stream is open, and asks by itself when it is lost", () => {
  expect(liveState()).toBe("connecting");
  newest().tell({ is: "open" });
  expect([liveState(), refetchInterval()]).toEqual(["live", RECHECKING_MS]);
  newest().tell({ is: "lost" });
  expect([liveState(), refetchInterval()]).toEqual(["polling", 5_000]);
});

it("a live page asks nothing while nothing changes, not even when somebody comes back to it", async () => {
  newest().tell({ is: "open" });
  const ask = vi.fn().mockResolvedValue("said");
  const cached = makeQueryClient(() => undefined);
  cached.mount();
  const page = new QueryObserver(cached, { queryKey: ["x"], queryFn: ask });
  const leave = page.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(RECHECKING_MS - 1);
  for (const isFocused of [false, true]) focusManager.setFocused(isFocused);
  await vi.advanceTimersByTimeAsync(0);
  leave();
  cached.unmount();
  expect(ask).toHaveBeenCalledOnce();
});

it("a stream that stays silent at its opening is not waited for", () => {
  vi.advanceTimersByTime(5_000);
  expect(liveState()).toBe("polling");
});

it("a page that is hidden lets go of the stream, and reaches for it when it is shown again", () => {
  newest().tell({ is: "open" });
  turn("pagehide");
  expect(newest().said).toEqual([GOODBYE]);
  turn("pageshow");
  expect(lines).toHaveLength(2);
  expect(liveState()).toBe("connecting");
  newest().tell({ is: "open" });
  expect(liveState()).toBe("live");
});

it("a page is not live while a request does not come back, however alive the stream is", () => {
  newest().tell({ is: "open" });
  clock.onRequest?.(request("a"));
  vi.advanceTimersByTime(LATE_MS - 1);
  expect(liveState()).toBe("live");
  vi.advanceTimersByTime(1);
  expect([liveState(), refetchInterval()]).toEqual(["silent", 5_000]);
  clock.onResponse?.(request("a"));
  expect(liveState()).toBe("live");
});

it("a request that nobody answered is silence until another comes back", () => {
  newest().tell({ is: "open" });
  clock.onRequest?.(request("a"));
  clock.onError?.({ id: "a", error: new TypeError("Failed to fetch") } as never);
  expect(liveState()).toBe("silent");
  clock.onRequest?.(request("b"));
  clock.onResponse?.(request("b"));
  expect(liveState()).toBe("live");
});

it("a request that the page gave up itself says nothing", () => {
  newest().tell({ is: "open" });
  clock.onRequest?.(request("a"));
  clock.onError?.({ id: "a", error: new DOMException("", "AbortError") } as never);
  vi.advanceTimersByTime(LATE_MS);
  expect(liveState()).toBe("live");
});

it("what was missed is fetched", () => {
  const fetched = vi.spyOn(queries, "invalidateQueries");
  newest().tell({ is: "missed" });
  expect(fetched).toHaveBeenCalledOnce();
});
