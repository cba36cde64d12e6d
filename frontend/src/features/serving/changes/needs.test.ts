import { describe, expect, it } from "vitest";
import { needsOf } from "./needs";

describe("what a change needs", () => {
  it("is in cores, bytes and devices, and what is not limited stays so", () => {
    const cpu = { resource: "cpu", gpu_product: "", held: "500m", peak: "1", more: "500m" };
    const memory = { resource: "memory", gpu_product: "", held: "1Gi", peak: "1Gi", more: "0" };
    const needs = [
      { ...cpu, left: "2", fits: true },
      { ...memory, left: null, fits: true },
    ];
    expect(needsOf(needs)).toEqual([
      { resource: "cpu", gpuProduct: "", held: 0.5, peak: 1, more: 0.5, left: 2, fits: true },
      {
        resource: "memory",
        gpuProduct: "",
        held: 2 ** 30,
        peak: 2 ** 30,
        more: 0,
        left: null,
        fits: true,
      },
    ]);
  });
});
