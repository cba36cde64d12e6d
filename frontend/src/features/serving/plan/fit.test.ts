import { describe, expect, it } from "vitest";
import { type Fit, fitOf, isRefused } from "./fit";
import type { Plan } from "./usePlan";

const [room, none] = [[{ fits: true }], [{ fits: true }, { fits: false }]];

describe("whether there is room", () => {
  it.each<[string, Parameters<typeof fitOf>[0], Fit]>([
    [
      "nodes that were not asked",
      { verdict: "unknown", needs: room },
      { quota: "yes", nodes: "unknown" },
    ],
    ["both", { verdict: "fits", needs: room }, { quota: "yes", nodes: "yes" }],
    ["a quota that refuses", { verdict: "cannot", needs: none }, { quota: "no", nodes: "unknown" }],
    ["another refusal", { verdict: "cannot", needs: room }, { quota: "yes", nodes: "unknown" }],
    ["nodes that can later", { verdict: "fits_after", needs: room }, { quota: "yes", nodes: "no" }],
    ["nothing that is needed", { verdict: "fits", needs: [] }, { quota: "yes", nodes: "yes" }],
  ])("%s", (_, asked, expected) => {
    expect(fitOf(asked)).toEqual(expected);
  });

  it("is not there where a start would be refused", () => {
    const fit = { verdict: "cannot", reason: "QuotaExceeded", message: "" } as Plan["fit"];
    expect(isRefused({ fit })).toBe(true);
    expect(isRefused({ fit: { ...fit, verdict: "unknown" } })).toBe(false);
  });
});
