import { describe, expect, it } from "vitest";
import { courseOf, withGaps } from "./series";

const at = (...times: number[]) => times.map((time) => ({ at: time, value: time }));

describe("a course", () => {
  it.each([
    ["without gaps", at(0, 60, 120), at(0, 60, 120)],
    ["with one", at(0, 60, 240), [...at(0, 60), { at: 120, value: null }, ...at(240)]],
    ["of one point", at(60), at(60)],
    ["of none", [], []],
  ])("%s", (_, points, expected) => {
    expect(withGaps(points)).toEqual(expected);
  });

  it("is in cores, and keeps what is not known", () => {
    const series = [
      { at: "1970-01-01T00:00:00Z", requested: 2000, used: null },
      { at: "1970-01-01T00:01:00Z", requested: 4000, used: 500 },
    ];
    const line = { unit: "millicores", series } as Parameters<typeof courseOf>[0];
    expect(courseOf(line, "requested").map(({ value }) => value)).toEqual([2, 4]);
    expect(courseOf(line, "used").map(({ value }) => value)).toEqual([null, 0.5]);
  });
});
