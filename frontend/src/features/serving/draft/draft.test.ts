import { describe, expect, it } from "vitest";
import type { Service } from "../types";
import { draftedChanges, intended, isDrafted } from "./draft";

const RUNS = {
  name: "scorer",
  current_version: "1",
  protocol: "http",
  port: 8080,
  replicas: 2,
  resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
  gpu_product: "",
  node_selector: {},
  env: { A: "1", B: "1" },
  command: [],
  args: [],
  probes: {},
  strategy: { type: "rolling" },
  progress_deadline_seconds: 600,
  draft: {},
} as unknown as Service;

const drafted = (draft: object) => ({ ...RUNS, draft }) as unknown as Service;

describe("a draft", () => {
  it("is none where nothing was changed", () => {
    expect(isDrafted(RUNS)).toBe(false);
    expect(draftedChanges(RUNS)).toEqual([]);
    expect(intended(RUNS)).toEqual(RUNS);
  });

  it("lies over what runs and leaves that as it is", () => {
    const service = drafted({ replicas: 0, env: { A: "2" } });
    expect(isDrafted(service)).toBe(true);
    expect(intended(service)).toMatchObject({ replicas: 0, env: { A: "2" }, port: 8080 });
    expect(service.replicas).toBe(2);
  });

  it("of requests alone keeps the limits that run", () => {
    const service = drafted({ resources: { requests: { cpu: "2", memory: "1Gi" } } });
    expect(intended(service).resources).toEqual({
      requests: { cpu: "2", memory: "1Gi" },
      limits: { memory: "1Gi" },
    });
    expect(draftedChanges(service)).toEqual([
      { aspect: "requests", name: "cpu", before: "1", after: "2" },
    ]);
  });

  it("shows a variable that goes, and how pods are to be replaced", () => {
    const service = drafted({ env: { A: "1" }, strategy: { type: "rolling", max_surge: 2 } });
    expect(draftedChanges(service)).toEqual([
      { aspect: "env", name: "B", before: "1", after: null },
      { aspect: "strategy", name: "max_surge", before: null, after: "2" },
    ]);
  });
});
