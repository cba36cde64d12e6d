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
    expect(result.current).toMatchObject({ state: "following", lines: [] });
    await newest().write("loading\nre");
    await newest().write("ady\n");
    expect(result.current).toMatchObject({ state: "following", lines: ["loading", "ready"] });
    await newest().end();
    expect(result.current).toMatchObject({ state: "ended", lines: ["loading", "ready"] });
  });

  it("keeps what was read when it is cut, and says that it failed", async () => {
    const { result } = await read("/logs");
    await newest().write("loading\n");
    await newest().cut();
    expect(result.current).toMatchObject({ state: "failed", lines: ["loading"] });
    expect(result.current.error).toBeInstanceOf(TypeError);
  });

  it("is read anew when that is asked for", async () => {
    const { result, rerender } = await read("/logs");
    await newest().cut();
    rerender({ at: "/logs", attempt: 1 });
    expect(result.current).toEqual({ state: "loading", lines: [], error: undefined });
    await act(async () => undefined);
    await newest().write("again\n");
    expect(result.current).toMatchObject({ state: "following", lines: ["again"] });
  });

  it("loses its oldest lines first", async () => {
    const { result } = await read("/logs");
    const lines = Array.from({ length: MOST_LINES + 2 }, (_, index) => String(index));
    await newest().write(`${lines.join("\n")}\n`);
    expect(result.current.lines).toHaveLength(MOST_LINES);
    expect(result.current.lines.at(0)).toBe("2");
    expect(result.current.lines.at(-1)).toBe(String(MOST_LINES + 1));
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
    await before.write("of a\n");
    await newest().write("of b\n");
    expect(result.current.lines).toEqual(["of b"]);
  });

  it("is let go of with its page", async () => {
    const { unmount } = await read("/logs");
    unmount();
    expect(newest().signal.aborted).toBe(true);
  });
});
