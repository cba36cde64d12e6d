import { describe, expect, it } from "vitest";
import {
  OWN_PARTS,
  ownParts,
  type PartHealth,
  type PartName,
  partOf,
  type Verdict,
  verdictOf,
} from "./health";

function part(name: PartHealth["name"], state: PartHealth["state"], instance = ""): PartHealth {
  return { name, state, instance, observed_at: null, version: "", reason: "", message: "" };
}

/** All of ours, and one cluster. */
const WELL = [
  ...OWN_PARTS.map((name) => part(name, "ok", "a")),
  part("cluster", "ok", "east"),
  part("mirror", "ok", "east"),
  part("prometheus", "ok", "east"),
];

function verdictWith(...changed: PartHealth[]): Record<keyof Verdict, string[]> {
  const isChanged = ({ name, instance }: PartHealth) =>
    changed.some((one) => one.name === name && one.instance === instance);
  const verdict = verdictOf([...WELL.filter((one) => !isChanged(one)), ...changed]);
  const names = (parts: PartHealth[]) => parts.map(({ name, instance }) => `${name} ${instance}`);
  return {
    ours: names(verdict.ours),
    theirs: names(verdict.theirs),
    unclear: names(verdict.unclear),
    missed: names(verdict.missed),
  };
}

const NOBODY = { ours: [], theirs: [], unclear: [], missed: [] };

describe("whose problem it is", () => {
  it.each<[string, PartHealth[], Partial<Record<keyof Verdict, string[]>>]>([
    ["nobody's", [], {}],
    ["ours: the only worker is silent", [part("worker", "late", "a")], { ours: ["worker a"] }],
    ["ours: no beat was ever heard of", [part("beat", "unknown", "a")], { ours: ["beat a"] }],
    ["ours: Redis is away", [part("redis", "unreachable", "a")], { ours: ["redis a"] }],
    [
      "nobody's yet: another worker does the work",
      [part("worker", "late", "b")],
      { missed: ["worker b"] },
    ],
    [
      "theirs: a cluster is away, and so our mirror of it is old",
      [part("cluster", "unreachable", "east"), part("mirror", "late", "east")],
      { theirs: ["cluster east"] },
    ],
    [
      "theirs: Prometheus is away",
      [part("prometheus", "unreachable", "east")],
      { theirs: ["prometheus east"] },
    ],
    [
      "ours: nobody probes and mirrors any more",
      [
        part("worker", "late", "a"),
        part("cluster", "late", "east"),
        part("mirror", "late", "east"),
      ],
      { ours: ["worker a"] },
    ],
    [
      "both",
      [part("informer", "late", "a"), part("cluster", "unreachable", "east")],
      { ours: ["informer a"], theirs: ["cluster east"] },
    ],
    [
      "not clear: the mirror is old though all answer",
      [part("mirror", "late", "east")],
      { unclear: ["mirror east"] },
    ],
    [
      "not clear: one cluster being away does not explain another",
      [part("cluster", "unreachable", "west"), part("mirror", "late", "east")],
      { theirs: ["cluster west"], unclear: ["mirror east"] },
    ],
    [
      "not clear: a cluster that was not probed yet",
      [part("cluster", "unknown", "west")],
      { unclear: ["cluster west"] },
    ],
    ["nobody's: a cluster without a Prometheus", [part("prometheus", "unknown", "east")], {}],
  ])("%s", (_, changed, expected) => {
    expect(verdictWith(...changed)).toEqual({ ...NOBODY, ...expected });
  });
});

it("our own parts come in the order in which they need each other, each process by itself", () => {
  const parts = [
    part("informer", "ok", "a"),
    part("cluster", "ok", "east"),
    part("worker", "ok", "b"),
    part("worker", "late", "a"),
    part("postgresql", "ok"),
  ];
  expect(ownParts(parts).map(({ name, instance }) => `${name} ${instance}`.trim())).toEqual([
    "postgresql",
    "worker b",
    "worker a",
    "informer a",
  ]);
});

it.each<[string, PartName, string, PartHealth["state"] | undefined]>([
  ["of that cluster", "mirror", "east", "late"],
  ["of no other", "mirror", "west", undefined],
  ["of no other kind", "prometheus", "east", undefined],
])("finds a part %s", (_, name, cluster, state) => {
  const parts = [part("cluster", "ok", "east"), part("mirror", "late", "east")];
  expect(partOf(parts, name, cluster)?.state).toBe(state);
});
