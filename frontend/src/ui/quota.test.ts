import { describe, expect, it } from "vitest";
import { type Amounts, amountOf, amountsOf, isAboveCluster, quotaState, scaleOf } from "./quota";

describe("an amount that the API writes", () => {
  it.each<[string | null | undefined, number | null]>([
    ["500m", 0.5],
    ["0", 0],
    ["8Gi", 8 * 2 ** 30],
    // Not known is never nothing.
    [null, null],
    [undefined, null],
  ])("%j is %d", (text, amount) => {
    expect(amountOf(text)).toBe(amount);
  });

  it.each(["", "unknown"])("%j is no number, and no zero either", (text) => {
    expect(amountOf(text)).toBeNaN();
  });

  it("is read with all that is said of it", () => {
    const line = {
      quota: "8",
      requested: "4500m",
      reserved: "6",
      used: null,
      idle: "0",
      cluster_free: "-1",
    };
    expect(amountsOf(line as Parameters<typeof amountsOf>[0])).toEqual({
      quota: 8,
      requested: 4.5,
      reserved: 6,
      used: null,
      idle: 0,
      clusterFree: -1,
    });
  });
});

it("of pods says nothing of use, which nobody measures", () => {
  const line = { unit: "pods", quota: "8", requested: "2", used: null, idle: null };
  const amounts = amountsOf(line as Parameters<typeof amountsOf>[0]);
  expect(amounts).not.toHaveProperty("used");
  expect(amounts).not.toHaveProperty("idle");
});

describe("a quota of which only some is known", () => {
  it.each<[string, Amounts, ReturnType<typeof quotaState>]>([
    ["only what is promised is asked about", { quota: 4, reserved: 1 }, "fine"],
    ["nearly all is promised", { quota: 4, reserved: 3.6 }, "nearlyFull"],
    ["neither quota nor request is known", { quota: null, requested: null }, "unknown"],
    ["nothing is allowed and nothing is held", { quota: 0 }, "fine"],
    ["a trace of what is not allowed", { quota: 0, reserved: 0.001 }, "over"],
  ])("%s", (_, amounts, state) => {
    expect(quotaState(amounts)).toBe(state);
  });

  it.each<[string, Amounts, boolean]>([
    ["there is no quota to keep", { quota: null, requested: 1, clusterFree: 0 }, false],
    ["what is asked for is not known", { quota: 8, requested: null, clusterFree: 0 }, false],
    ["the cluster is not asked about", { quota: 8, requested: 1 }, false],
    ["what is promised is taken into account", { quota: 8, reserved: 7, clusterFree: 1 }, false],
    ["the cluster owes already", { quota: 8, requested: 8, clusterFree: -1 }, true],
  ])("is compared with the cluster: %s", (_, amounts, expected) => {
    expect(isAboveCluster(amounts)).toBe(expected);
  });

  it.each<[string, Amounts, number]>([
    ["the quota", { quota: 8, requested: 4 }, 8],
    ["what is held beyond it", { quota: 4, requested: 4, reserved: 6, used: 5 }, 6],
    ["what is used beyond it", { quota: 4, requested: 4, used: 9 }, 9],
    ["what there is without one", { quota: null, requested: 4, clusterFree: 12 }, 16],
    ["what is held where nothing else is known", { quota: null, requested: 4 }, 4],
    ["1 of nothing", { quota: 0, requested: 0 }, 1],
  ])("fills the bar with %s", (_, amounts, scale) => {
    expect(scaleOf(amounts)).toBe(scale);
  });
});
