import { describe, expect, it } from "vitest";
import { PLAN } from "../plan/planned";
import type { Plan } from "../plan/usePlan";
import { byObject, compact, driftedFields, fieldsOf, settingsOf } from "./drift";

describe("a value of any kind is written in one line", () => {
  it.each<[unknown, string]>([
    [2, "2"],
    [0, "0"],
    [false, "false"],
    ["nginx:1.27", "nginx:1.27"],
    ["two words", "two words"],
    ["", '""'],
    [" a", '" a"'],
    [[], "[]"],
    [{}, "{}"],
    [["--threads", "2", 2], '[--threads, "2", 2]'],
    [{ name: "proxy", ports: [{ port: 80 }] }, "{name: proxy, ports: [{port: 80}]}"],
    [{ a: "true", b: true, c: null, d: "x, y" }, '{a: "true", b: true, c: null, d: "x, y"}'],
  ])("%j", (value, text) => {
    expect(compact(value)).toBe(text);
  });
});

describe("what differs", () => {
  const entry = (object: string, field: string) => ({
    object,
    field,
    wanted: 2,
    found: null,
    manager: "kubectl",
    since: "2026-01-01T00:00:00Z",
  });

  it("goes from what was rolled out to what was found, and keeps who wrote it", () => {
    const [field] = driftedFields([entry("Deployment/scorer", "spec.replicas")]);
    expect(field).toEqual({
      object: "Deployment/scorer",
      field: "spec.replicas",
      before: 2,
      after: null,
      manager: "kubectl",
      since: "2026-01-01T00:00:00Z",
    });
  });

  it("stands under its object, in the order in which it came", () => {
    const drift = [entry("Deployment/b", "x"), entry("Service/a", "y"), entry("Deployment/b", "z")];
    const shown = byObject(driftedFields(drift)).map(([object, fields]) => [
      object,
      fields.map(({ field }) => field),
    ]);
    expect(shown).toEqual([
      ["Deployment/b", ["x", "z"]],
      ["Service/a", ["y"]],
    ]);
  });
});

describe("a plan", () => {
  const plan: Plan = {
    ...PLAN,
    changes: [
      { object: "", field: "env", from: { A: "1", B: "1" }, to: { A: "1", B: "2", C: "" } },
      { object: "", field: "replicas", from: 2, to: 0 },
      { object: "", field: "temporary_replicas", from: null, to: 4 },
      { object: "", field: "requests", from: { cpu: "1000m" }, to: { cpu: "1" } },
      { object: "Deployment/scorer", field: "spec.replicas", from: 1, to: 2 },
    ],
  };

  it("says of settings which values change", () => {
    expect(settingsOf(plan)).toEqual([
      { aspect: "env", name: "B", before: "1", after: "2" },
      { aspect: "env", name: "C", before: null, after: "" },
      { aspect: "replicas", before: "2", after: "0" },
      { aspect: "temporary_replicas", before: null, after: "4" },
    ]);
  });

  it("says of the cluster which fields change", () => {
    expect(fieldsOf(plan)).toEqual([
      { object: "Deployment/scorer", field: "spec.replicas", before: 1, after: 2 },
    ]);
  });
});
