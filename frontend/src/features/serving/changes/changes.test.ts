import { describe, expect, it } from "vitest";
import { NEW, specOf, type Values } from "../start/values";
import type { Service } from "../types";
import { aspectChanges, type Change, changesBetween, runningSpec, specBy } from "./changes";

const spec = (part: Partial<Values> = {}, version = "1") => {
  const values = { ...NEW, ...part };
  return specBy(specOf(values), version, values.replicas);
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
    expect(changesBetween(spec(), spec(part))).toEqual(changes);
  });

  it("names what is taken away", () => {
    const before = spec({ env: [{ name: "DEBUG", value: "1" }], gpu_product: "NVIDIA-A10" });
    expect(changesBetween(before, spec())).toEqual([
      { aspect: "gpu_product", before: "NVIDIA-A10", after: null },
      { aspect: "env", name: "DEBUG", before: "1", after: null },
    ]);
  });

  it("begins with the version where nothing runs yet", () => {
    const [first] = changesBetween(undefined, spec());
    expect(first).toEqual({ aspect: "version", before: null, after: "1" });
  });
});

describe("what differs of one aspect", () => {
  it.each<[string, Parameters<typeof aspectChanges>, [string | null, string | null][]]>([
    ["nothing of nothing", ["env", undefined, null], []],
    ["an empty list is none", ["args", [], undefined], []],
    ["a first word", ["args", undefined, ["-x"]], [[null, "-x"]]],
    ["no word any more", ["args", ["-x"], []], [["-x", null]]],
    ["a word that is empty", ["args", [], [""]], [[null, '""']]],
    ["a word with quotes", ["args", [], ['say "no"']], [[null, '"say \\"no\\""']]],
    ["the order of words", ["args", ["a", "b"], ["b", "a"]], [["a b", "b a"]]],
    ["zero is a number", ["replicas", 2, 0], [["2", "0"]]],
    [
      "a text where there was an empty one",
      ["gpu_product", "", "NVIDIA-A10"],
      [[null, "NVIDIA-A10"]],
    ],
    ["a quantity in another spelling", ["limits", { cpu: "1" }, { cpu: "1000m" }], []],
    ["a text that only looks like one", ["env", { A: "1" }, { A: "1000m" }], [["1", "1000m"]]],
    ["devices, said with the requests", ["limits", {}, { "nvidia.com/gpu": "1" }], []],
    [
      "a probe by its parts, in order",
      ["probes", {}, { readiness: { period_seconds: 9, path: "/" } }],
      [[null, "path=/ period_seconds=9"]],
    ],
    ["a probe that says nothing", ["probes", {}, { liveness: {} }], [[null, ""]]],
    ["bounds of 0, as good as none", ["strategy", { type: "a", max_surge: 0 }, { type: "a" }], []],
    [
      "another key of a secret",
      [
        "secrets",
        [{ secret: "db", key: "user", env: "USER" }],
        [{ secret: "db", key: "name", env: "USER" }],
      ],
      [["db/user", "db/name"]],
    ],
    ["a secret that goes", ["secrets", [{ secret: "tls", path: "/etc/tls" }], []], [["tls", null]]],
  ])("%s", (_, [aspect, before, after], expected) => {
    const changes = aspectChanges(aspect, before, after);
    expect(changes.map((one) => [one.before, one.after])).toEqual(expected);
    expect(changes.every((one) => one.aspect === aspect)).toBe(true);
  });
});

describe("what runs now", () => {
  const RUNS = { ...specOf(NEW), current_version: "1", desired_replicas: 3 } as unknown as Service;

  it("counts the pods that are wanted now, be it for a while", () => {
    expect(runningSpec(RUNS)).toMatchObject({ version: "1", replicas: 3, requests: { cpu: "1" } });
  });

  it("is nothing before the first rollout", () => {
    expect(runningSpec({ ...RUNS, current_version: null })).toBeUndefined();
  });
});
