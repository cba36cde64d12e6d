import { describe, expect, it } from "vitest";
import { beginOf, endOf } from "./days";

describe("a day", () => {
  it("begins and ends where the reader is", () => {
    expect(beginOf("2026-11-30")).toBe(new Date(2026, 10, 30).toISOString());
    expect(endOf("2026-11-30")).toBe(new Date(2026, 11, 1).toISOString());
  });

  it.each([undefined, "", "yesterday", "2026-13-01", "2026-1-1", "2026-11-30T00:00", "0202-11-30"])(
    "is not %s",
    (day) => {
      expect(beginOf(day)).toBeUndefined();
      expect(endOf(day)).toBeUndefined();
    },
  );
});
