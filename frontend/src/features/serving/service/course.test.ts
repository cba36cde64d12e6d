import { describe, expect, it } from "vitest";
import { courseOf } from "./course";

const point = (minute: number, used: number | null) => ({
  at: new Date(minute * 60_000).toISOString(),
  requested: 1000,
  used,
});
const used = (...points: ReturnType<typeof point>[]) =>
  courseOf({ unit: "millicores", points }, "used", 60).map(({ at, value }) => [at / 60_000, value]);

describe("the course of a service", () => {
  it("is in cores, and what is not known stays so", () => {
    expect(used(point(0, 500), point(1, null))).toEqual([
      [0, 0.5],
      [1, null],
    ]);
  });

  it("has a gap where nothing was measured, also between only two points", () => {
    expect(used(point(0, 500), point(10, 1500))).toEqual([
      [0, 0.5],
      [1, null],
      [10, 1.5],
    ]);
  });

  it("is nothing of nothing", () => {
    expect(used()).toEqual([]);
  });
});
