import { describe, expect, it } from "vitest";
import { factorOf, withGaps } from "@/ui/course";
import { windowOf } from "./queries";
import { courseOf } from "./series";

const at = (...times: number[]) => times.map((time) => ({ at: time, value: time }));

describe("a course", () => {
  it.each([
    ["without gaps", at(0, 60, 120), at(0, 60, 120)],
    ["with one", at(0, 60, 240), [...at(0, 60), { at: 120, value: null }, ...at(240)]],
    ["of one point", at(60), at(60)],
    ["of none", [], []],
    [
      "with several",
      at(0, 60, 180, 240, 600),
      [
        ...at(0, 60),
        { at: 120, value: null },
        ...at(180, 240),
        { at: 300, value: null },
        ...at(600),
      ],
    ],
    ["a little late is no gap", at(0, 60, 145), at(0, 60, 145)],
    [
      "that is known to be nothing in between",
      [...at(0), { at: 60, value: 0 }, ...at(120)],
      [...at(0), { at: 60, value: 0 }, ...at(120)],
    ],
    ["with so few points that all are as far apart", at(0, 3600), at(0, 3600)],
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

it.each([
  ["millicores", 0.001],
  ["bytes", 1],
  ["devices", 1],
  ["pods", 1],
])("numbers in %s are multiplied by %d", (unit, factor) => {
  expect(factorOf({ unit } as Parameters<typeof factorOf>[0])).toBe(factor);
});

it.each([
  ["1h", "1h"],
  ["24h", "24h"],
  ["7d", "7d"],
  ["30d", "30d"],
  ["90d", "1h"],
  ["", "1h"],
  [undefined, "1h"],
])("an address that names the window %j means %s", (text, window) => {
  expect(windowOf(text)).toBe(window);
});
