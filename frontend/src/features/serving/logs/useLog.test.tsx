import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MOST_LINES, useLog } from "./useLog";

/** A log of a server, as a test writes it. */
interface Written {
  url: string;
  signal: AbortSignal;
  write: (text: string) => Promise<void>;
  end: () => Promise<void>;
  cut: () => Promise<void>;
}

let logs: Written[];

beforeEach(() => {
  logs = [];
  vi.spyOn(globalThis, "fetch").mockImplementation((url, init) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const settle = (done: Promise<void>) => act(async () => void (await done));
    logs.push({
      url: String(url),
      signal: init?.signal as AbortSignal,
      write: (text) => settle(writer.write(new TextEncoder().encode(text))),
      end: () => settle(writer.close()),
      cut: () => settle(writer.abort(new TypeError("network error")).catch(() => undefined)),
    });
    return Promise.resolve(new Response(readable));
  });
});

afterEach(() => void vi.restoreAllMocks());

/** Lines as the API tells them. */
const told = (...lines: string[]) =>
  lines.map((line) => `${JSON.stringify({ pod: "a", container: "m", at: null, line })}\n`).join("");

const linesOf = ({ entries }: ReturnType<typeof useLog>) => entries.map(({ line }) => line);

const newest = () => logs.at(-1) as Written;

async function read(url: string | null) {
  const hook = renderHook(({ at, attempt }) => useLog(at, attempt), {
    initialProps: { at: url, attempt: 0 },
  });
  await act(async () => undefined);
  return hook;
}

describe("a log that is looked at", () => {
  it("is live once it is open, and over when it ends", async () => {
    const { result } = await read("/logs");
    expect(result.current).toMatchObject({ state: "following", entries: [] });
    const text = told("loading", "ready");
    await newest().write(text.slice(0, -9));
    await newest().write(text.slice(-9));
    expect(result.current.state).toBe("following");
    expect(linesOf(result.current)).toEqual(["loading", "ready"]);
    await newest().end();
    expect(result.current.state).toBe("ended");
    expect(linesOf(result.current)).toEqual(["loading", "ready"]);
  });

  it("keeps what was read when it is cut, and says that it failed", async () => {
    const { result } = await read("/logs");
    await newest().write(told("loading"));
    await newest().cut();
    expect(result.current.state).toBe("failed");
    expect(linesOf(result.current)).toEqual(["loading"]);
    expect(result.current.error).toBeInstanceOf(TypeError);
  });

  it("is read anew when that is asked for", async () => {
    const { result, rerender } = await read("/logs");
    await newest().cut();
    rerender({ at: "/logs", attempt: 1 });
    expect(result.current).toEqual({ state: "loading", entries: [], error: undefined });
    await act(async () => undefined);
    await newest().write(told("again"));
    expect(result.current.state).toBe("following");
    expect(linesOf(result.current)).toEqual(["again"]);
  });

  it("loses its oldest lines first", async () => {
    const { result } = await read("/logs");
    const lines = Array.from({ length: MOST_LINES + 2 }, (_, index) => String(index));
    await newest().write(told(...lines));
    expect(result.current.entries).toHaveLength(MOST_LINES);
    expect(result.current.entries.at(0)).toMatchObject({ line: "2", number: 2 });
    expect(result.current.entries.at(-1)?.line).toBe(String(MOST_LINES + 1));
  });
});

describe("a log that nobody looks at", () => {
  it("is not read", async () => {
    const { result } = await read(null);
    expect(logs).toHaveLength(0);
    expect(result.current.state).toBe("loading");
  });

  it("is let go of, and what it still says is not taken for that of another", async () => {
    const { result, rerender } = await read("/a");
    const before = newest();
    rerender({ at: "/b", attempt: 0 });
    await act(async () => undefined);
    expect(before.signal.aborted).toBe(true);
    await before.write(told("of a"));
    await newest().write(told("of b"));
    expect(linesOf(result.current)).toEqual(["of b"]);
  });

  it("is let go of with its page", async () => {
    const { unmount } = await read("/logs");
    unmount();
    expect(newest().signal.aborted).toBe(true);
  });
});
