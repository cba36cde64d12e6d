import { describe, expect, it } from "vitest";
import { fullestQuotas } from "./fullness";

type Environment = Parameters<typeof fullestQuotas>[0][number];

function environment(name: string, change: Partial<Environment>): Environment {
  const limits = { cpu: "8" };
  const none = { stale: false, reserved: {}, requested: {}, phase: "Ready" as const };
  return { name, cluster: "embedded", limits, ...none, ...change };
}

describe("the fullest quota of each resource", () => {
  it.each<[string, Environment[], string, number | null]>([
    [
      "is where most of it is held",
      [
        environment("a", { requested: { cpu: "2" } }),
        environment("b", { requested: { cpu: "6" } }),
      ],
      "b",
      6,
    ],
    [
      "counts what is promised",
      [environment("a", { reserved: { cpu: "7" } }), environment("b", { requested: { cpu: "6" } })],
      "a",
      0,
    ],
    ["does not claim what is out of date", [environment("a", { stale: true })], "a", null],
    ["does not claim what is not known", [environment("a", { requested: null })], "a", null],
    [
      "holds something of nothing first",
      [
        environment("a", { requested: { cpu: "8" } }),
        environment("b", { limits: { cpu: "0" }, requested: { cpu: "1" } }),
      ],
      "b",
      1,
    ],
  ])("%s", (_, environments, name, requested) => {
    const [fullest] = fullestQuotas(environments);
    expect(fullest?.environment).toBe(name);
    expect(fullest?.amounts.requested).toBe(requested);
  });

  it("comes GPUs first", () => {
    const limits = { memory: "1Gi", cpu: "1", "nvidia.com/gpu": "1" };
    const names = fullestQuotas([environment("a", { limits })]).map(({ resource }) => resource);
    expect(names).toEqual(["nvidia.com/gpu", "cpu", "memory"]);
  });
});
