import { act, cleanup, render } from "@testing-library/react";
import dayjs from "dayjs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import { hearTime } from "@/lib/serverClock";
import { Age, exactTime, formatDuration, When } from "./Time";

beforeAll(() => speak("en"));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("how long something took", () => {
  it.each([
    [0, "0 ms"],
    [0.0004, "0 ms"],
    [0.85, "850 ms"],
    [0.9994, "999 ms"],
    [0.9996, "1.0 s"],
    [1, "1.0 s"],
    [4.24, "4.2 s"],
    [59.94, "59.9 s"],
    [59.96, "1 min"],
    [60, "1 min"],
    [200.4, "3 min 20 s"],
    [3599.4, "59 min 59 s"],
    [3599.6, "1 h"],
    [3600, "1 h"],
    [5400, "1 h 30 min"],
    [7199, "2 h"],
    [90_000, "25 h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it("is in the language of its reader", async () => {
    await speak("zh");
    expect([0.85, 4.24, 200, 5400].map(formatDuration)).toEqual([
      "850 毫秒",
      "4.2 秒",
      "3 分 20 秒",
      "1 小时 30 分",
    ]);
    await speak("en");
  });
});

describe("when something was", () => {
  const shown = () => document.body.textContent;
  const fromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

  it.each([
    ["null", null],
    ["undefined", undefined],
    ["an empty text", ""],
  ])("is never where it is %s", (_, at) => {
    render(<Age at={at} />);
    expect(shown()).toBe("never");
  });

  it("is not in the future, however wrong a clock is", () => {
    render(<Age at={fromNow(10)} />);
    expect(shown()).toBe("a few seconds ago");
  });

  it("is told by the server's clock where the browser's is hours ahead", () => {
    hearTime(fromNow(-180));
    render(<Age at={fromNow(-190)} />);
    hearTime(fromNow(0));
    expect(shown()).toBe("10 minutes ago");
  });

  it("may be in the future where it is to come", () => {
    render(<When at={fromNow(10)} />);
    expect(shown()).toBe("in 10 minutes");
  });

  it("grows older while it is looked at", () => {
    vi.useFakeTimers();
    render(<Age at={fromNow(-1)} />);
    expect(shown()).toBe("a minute ago");
    act(() => void vi.advanceTimersByTime(60_000));
    expect(shown()).toBe("2 minutes ago");
  });

  it("is said to the second, with its zone", () => {
    const at = "2026-01-01T00:00:05Z";
    expect(exactTime(at)).toBe(dayjs(at).format("YYYY-MM-DD HH:mm:ss [UTC]Z"));
    expect(Date.parse(exactTime(at).replace(" UTC", ""))).toBe(Date.parse(at));
  });
});
