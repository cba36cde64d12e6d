import { describe, expect, it } from "vitest";
import { NEW, type Values, wishOf } from "../start/wish";
import { type Change, changesBetween, isReplacing, toldBy } from "./changes";

const told = (part: Partial<Values> = {}, version = "1") => {
  const values = { ...NEW, ...part };
  return toldBy(wishOf(values), version, values.replicas);
};

describe("what will change", () => {
  it.each<[string, Partial<Values>, Change[]]>([
    ["nothing", {}, []],
    ["the number of pods", { replicas: 4 }, [{ aspect: "replicas", before: "1", after: "4" }]],
    ["the same amount spelled otherwise", { requests: { cpu: "1000m", memory: "2048Mi" } }, []],
    [
      "an amount",
      { requests: { cpu: "1", memory: "4Gi" } },
      [{ aspect: "requests", name: "memory", before: "2Gi", after: "4Gi" }],
    ],
    [
      "devices, once",
      { devices: { "nvidia.com/gpu": 1 } },
      [{ aspect: "requests", name: "nvidia.com/gpu", before: null, after: "1" }],
    ],
    [
      "a variable that is empty is set",
      { env: [{ name: "DEBUG", value: "" }] },
      [{ aspect: "env", name: "DEBUG", before: null, after: "" }],
    ],
    [
      "the way in which pods are replaced",
      { strategy: { type: "recreate", max_surge: 1, max_unavailable: 0 } },
      [{ aspect: "strategy", name: "type", before: "rolling", after: "recreate" }],
    ],
    [
      "a bound of it that is not the usual one",
      { strategy: { type: "rolling", max_surge: 2, max_unavailable: 0 } },
      [{ aspect: "strategy", name: "max_surge", before: null, after: "2" }],
    ],
    [
      "words that have spaces stay apart",
      { args: ["--name", "a b"] },
      [{ aspect: "args", before: null, after: '--name "a b"' }],
    ],
  ])("%s", (_, part, changes) => {
    expect(changesBetween(told(), told(part))).toEqual(changes);
  });

  it("names what is taken away", () => {
    const before = told({ env: [{ name: "DEBUG", value: "1" }], gpu_product: "NVIDIA-A10" });
    expect(changesBetween(before, told())).toEqual([
      { aspect: "gpu_product", before: "NVIDIA-A10", after: null },
      { aspect: "env", name: "DEBUG", before: "1", after: null },
    ]);
  });

  it("begins with the version where nothing runs yet", () => {
    const [first] = changesBetween(undefined, told());
    expect(first).toEqual({ aspect: "version", before: null, after: "1" });
  });

  it.each<[string, Partial<Values>, boolean]>([
    ["nothing", {}, false],
    ["another number", { replicas: 4 }, false],
    ["another strategy", { strategy: { ...NEW.strategy, type: "recreate" } }, false],
    ["another model of GPU", { replicas: 4, gpu_product: "NVIDIA-A10" }, true],
  ])("replaces pods only where they differ: %s", (_, part, replaces) => {
    expect(isReplacing(changesBetween(told(), told(part)))).toBe(replaces);
  });
});
