import { describe, expect, it } from "vitest";
import { countdownTo } from "./countdown";

const NOW = Date.parse("2026-11-30T12:00:00Z");

describe("how long it is until a moment", () => {
  it.each([
    ["2026-11-30T12:00:09Z", "0:09"],
    ["2026-11-30T12:00:00.400Z", "0:01"],
    ["2026-11-30T12:04:09Z", "4:09"],
    ["2026-11-30T13:05:09Z", "1:05:09"],
    ["2026-12-02T12:00:00Z", "48:00:00"],
    ["2026-11-30T12:00:00Z", ""],
    ["2026-11-30T11:00:00Z", ""],
  ])("%s", (at, expected) => {
    expect(countdownTo(at, NOW)).toBe(expected);
  });
});
