import { describe, expect, it } from "vitest";
import type { Service } from "../types";
import { changedFields, NEW, type Values, valuesOf, wishOf } from "./wish";

const SERVICE = {
  name: "scorer",
  protocol: "grpc",
  port: 9000,
  replicas: 3,
  resources: {
    requests: { cpu: "500m", memory: "2Gi", "ephemeral-storage": "20Gi", "nvidia.com/gpu": "1" },
    limits: { memory: "2Gi", "nvidia.com/gpu": "1" },
  },
  gpu_product: "NVIDIA-A10",
  node_selector: { zone: "a" },
  env: { LOG_LEVEL: "info", EMPTY: "" },
  command: ["serve"],
  args: ["--threads", "2"],
  secrets: [{ secret: "database", key: "password", env: "PASSWORD" }],
  probes: { readiness: { grpc_service: "scorer" }, startup: {} },
  strategy: { type: "rolling", max_surge: 2 },
  progress_deadline_seconds: 120,
} as unknown as Service;

describe("a wish", () => {
  it("survives the form unchanged", () => {
    const { name, strategy, ...rest } = SERVICE as unknown as Record<string, unknown>;
    expect(wishOf(valuesOf(SERVICE))).toEqual({
      ...rest,
      strategy: { type: "rolling", max_surge: 2, max_unavailable: 0 },
    });
  });

  const change = (part: Partial<Values>) => ({ ...valuesOf(SERVICE), ...part });

  it.each<[string, Values, object]>([
    ["nothing", valuesOf(SERVICE), {}],
    ["a number", change({ replicas: 4 }), { replicas: 4 }],
    ["a variable in another place", change({ env: [...valuesOf(SERVICE).env].reverse() }), {}],
    [
      "no devices any more",
      change({ devices: { "nvidia.com/gpu": null } }),
      {
        resources: {
          requests: { cpu: "500m", memory: "2Gi", "ephemeral-storage": "20Gi" },
          limits: { memory: "2Gi" },
        },
      },
    ],
    [
      "a limit that is emptied",
      change({ limits: { memory: " " } }),
      {
        resources: {
          requests: {
            cpu: "500m",
            memory: "2Gi",
            "ephemeral-storage": "20Gi",
            "nvidia.com/gpu": "1",
          },
          limits: { "nvidia.com/gpu": "1" },
        },
      },
    ],
    [
      "the strategy",
      change({ strategy: { type: "automatic", max_surge: 2, max_unavailable: 0 } }),
      { strategy: { type: "rolling" } },
    ],
  ])("sends only what differs: %s", (_, values, sent) => {
    expect(changedFields(wishOf(values), wishOf(valuesOf(SERVICE)))).toEqual(sent);
  });

  it.each<[string, Values["probes"], object]>([
    ["the usual ones are left to the server", NEW.probes, {}],
    [
      "one that is switched on is stated even if it is usual",
      { ...NEW.probes, liveness: { ...NEW.probes.liveness, enabled: true } },
      { liveness: {} },
    ],
    [
      "only what differs is stated",
      { ...NEW.probes, readiness: { ...NEW.probes.readiness, path: "/ready", period_seconds: 9 } },
      { readiness: { path: "/ready", period_seconds: 9 } },
    ],
  ])("states probes: %s", (_, probes, stated) => {
    expect(wishOf({ ...NEW, probes }).probes).toEqual(stated);
  });

  it("asks a gRPC container for no path", () => {
    const readiness = { ...NEW.probes.readiness, path: "/ready" };
    const values: Values = { ...NEW, protocol: "grpc", probes: { ...NEW.probes, readiness } };
    expect(wishOf(values).probes).toEqual({});
  });
});
