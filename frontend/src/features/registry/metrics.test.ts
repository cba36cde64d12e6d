import { describe, expect, it } from "vitest";
import { bestOf, changeOf, decimalsOf, directionOf, metricNames } from "./metrics";

const VERSIONS: { version: string; metrics: Record<string, number> }[] = [
  { version: "3", metrics: { auc: 0.925, latency_p99_seconds: 0.021, depth: 6 } },
  { version: "2", metrics: { auc: 0.9113 } },
  { version: "1", metrics: { auc: 0.9098, latency_p99_seconds: 0.018 } },
];

describe("the direction of a metric", () => {
  it.each([
    ["auc", "higher"],
    ["val_f1", "higher"],
    ["Top-1 accuracy", "higher"],
    ["val/loss", "lower"],
    ["latency_p99_seconds", "lower"],
    ["depth", null],
    ["error_recall", null],
    ["mapping", null],
  ])("%s is better when %s", (metric, direction) => expect(directionOf(metric)).toBe(direction));
});

describe("the best of a metric", () => {
  it("is the highest where higher is better", () => expect(bestOf("auc", VERSIONS)).toBe(0.925));
  it("is the lowest where lower is better", () =>
    expect(bestOf("latency_p99_seconds", VERSIONS)).toBe(0.018));
  it("is not claimed of a metric that nobody can judge", () =>
    expect(bestOf("depth", VERSIONS)).toBeNull());
  it("is not claimed where all are the same", () =>
    expect(
      bestOf("auc", [
        { version: "2", metrics: { auc: 1 } },
        { version: "1", metrics: { auc: 1 } },
      ]),
    ).toBeNull());
});

describe("comparing versions", () => {
  it("names what most versions have first", () =>
    expect(metricNames(VERSIONS)).toEqual(["auc", "latency_p99_seconds", "depth"]));
  it("compares with the next older version that has the metric", () =>
    expect(changeOf("latency_p99_seconds", "3", VERSIONS)).toBeCloseTo(0.003));
  it("does not compare the first version, nor one without the metric", () => {
    expect(changeOf("auc", "1", VERSIONS)).toBeNull();
    expect(changeOf("latency_p99_seconds", "2", VERSIONS)).toBeNull();
  });
  it("writes all numbers of a metric with as many decimals", () => {
    expect(decimalsOf("auc", VERSIONS)).toBe(4);
    expect(decimalsOf("depth", VERSIONS)).toBe(0);
    expect(decimalsOf("latency_p99_seconds", VERSIONS)).toBe(5);
  });
});
