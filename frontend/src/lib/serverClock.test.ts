import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hearTime, serverNow } from "./serverClock";

const NOON = Date.parse("2026-12-01T12:00:00Z");

describe("the server's clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON });
  });
  afterEach(() => {
    hearTime(new Date().toUTCString());
    vi.useRealTimers();
  });

  it.each([
    ["is told where the browser's is ahead", "Tue, 01 Dec 2026 09:00:00 GMT", -3 * 3600_000],
    ["is told where the browser's is behind", "Tue, 01 Dec 2026 12:10:00 GMT", 600_000],
    ["is the browser's where they hardly differ", "Tue, 01 Dec 2026 12:00:09 GMT", 0],
    ["is the browser's where nothing is said", null, 0],
    ["is the browser's where no time is said", "soon", 0],
  ])("%s", (_, date, difference) => {
    hearTime(date);
    expect(serverNow()).toBe(NOON + difference);
    vi.advanceTimersByTime(5_000);
    expect(serverNow()).toBe(NOON + difference + 5_000);
  });
});
