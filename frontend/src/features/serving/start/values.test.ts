import { describe, expect, it } from "vitest";
import type { Service, Spec } from "../types";
import {
  changedFields,
  NEW,
  nextStep,
  type StepRow,
  specOf,
  type Values,
  valuesOf,
} from "./values";

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

const BARE = {
  protocol: "http",
  port: 8080,
  replicas: 1,
  resources: { requests: { cpu: "1", memory: "2Gi" }, limits: {} },
  gpu_product: "",
  node_selector: {},
  env: {},
  secrets: [],
  command: [],
  args: [],
  probes: {},
  strategy: { type: "rolling" },
  progress_deadline_seconds: 600,
};

describe("a spec", () => {
  it("survives the form unchanged", () => {
    const { name, strategy, ...rest } = SERVICE as unknown as Record<string, unknown>;
    expect(specOf(valuesOf(SERVICE))).toEqual({
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
    expect(changedFields(specOf(values), specOf(valuesOf(SERVICE)))).toEqual(sent);
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
    expect(specOf({ ...NEW, probes }).probes).toEqual(stated);
  });

  it("asks a gRPC container for no path", () => {
    const readiness = { ...NEW.probes.readiness, path: "/ready" };
    const values: Values = { ...NEW, protocol: "grpc", probes: { ...NEW.probes, readiness } };
    expect(specOf(values).probes).toEqual({});
  });

  it("asks a Thrift container only whether its port is open", () => {
    const readiness = { ...NEW.probes.readiness, path: "/ready", grpc_service: "scorer" };
    const values: Values = { ...NEW, protocol: "thrift", probes: { ...NEW.probes, readiness } };
    expect(specOf(values).probes).toEqual({});
  });

  it("states no probe that is switched off, and keeps its fields for when it is on again", () => {
    const typed = { ...NEW.probes.startup, enabled: true, failure_threshold: 60 };
    const withProbe = (enabled: boolean): Values => ({
      ...NEW,
      probes: { ...NEW.probes, startup: { ...typed, enabled } },
    });
    expect(specOf(withProbe(false)).probes).toEqual({});
    expect(specOf(withProbe(true)).probes).toEqual({ startup: { failure_threshold: 60 } });
  });
});

describe("what the form shows of a service", () => {
  const shown = (change: object) => valuesOf({ ...SERVICE, ...change } as Service);

  it.each<[string, object, Partial<Values>]>([
    [
      "nothing that is not requested",
      { resources: {} },
      {
        requests: { cpu: "", memory: "" },
        limits: {},
        devices: {},
        others: { requests: {}, limits: {} },
      },
    ],
    [
      "cards and slices as numbers",
      { resources: { requests: { "nvidia.com/gpu": "2", "nvidia.com/mig-1g.5gb": "0" } } },
      { devices: { "nvidia.com/gpu": 2, "nvidia.com/mig-1g.5gb": 0 } },
    ],
    [
      "a way to replace pods that is left to the server",
      { strategy: { type: "rolling" } },
      { strategy: { type: "automatic", max_surge: 1, max_unavailable: 0 } },
    ],
    [
      "one bound, and that there is no other",
      { strategy: { type: "rolling", max_unavailable: 2 } },
      { strategy: { type: "rolling", max_surge: 0, max_unavailable: 2 } },
    ],
    [
      "that all pods stop first",
      { strategy: { type: "recreate" } },
      { strategy: { type: "recreate", max_surge: 1, max_unavailable: 0 } },
    ],
    [
      "where a secret is found",
      {
        secrets: [
          { secret: "database", key: "password", env: "PASSWORD" },
          { secret: "tls", path: "/etc/tls" },
        ],
      },
      {
        secrets: [
          { secret: "database", key: "password", env: "PASSWORD", as: "env" },
          { secret: "tls", path: "/etc/tls", as: "path" },
        ],
      },
    ],
  ])("%s", (_, change, values) => {
    const all = shown(change);
    expect(all).toEqual({ ...all, ...values });
  });

  it("nothing of the reason, which is another one each time", () => {
    expect(shown({})).not.toHaveProperty("reason");
  });

  it("of probes is what Kubernetes does where nothing else is said", () => {
    const usual = {
      initial_delay_seconds: 0,
      period_seconds: 5,
      timeout_seconds: 2,
      failure_threshold: 3,
    };
    expect(shown({ probes: { liveness: { period_seconds: 30 } } }).probes).toEqual({
      readiness: { ...usual, enabled: true },
      liveness: { ...usual, enabled: true, period_seconds: 30 },
      startup: { ...usual, enabled: false },
    });
  });
});

describe("a service comes out of the form as it went in", () => {
  it.each<[string, object]>([
    ["with nothing but what is needed", { ...BARE }],
    ["with a limit of CPU alone", { ...BARE, resources: { requests: {}, limits: { cpu: "2" } } }],
    [
      "with amounts that the form does not show",
      {
        ...BARE,
        resources: {
          requests: { cpu: "1", "ephemeral-storage": "1Gi" },
          limits: { "ephemeral-storage": "2Gi" },
        },
      },
    ],
    [
      "with slices and shares",
      {
        ...BARE,
        resources: {
          requests: { "nvidia.com/mig-1g.5gb": "1", "nvidia.com/gpu.shared": "2" },
          limits: { "nvidia.com/mig-1g.5gb": "1", "nvidia.com/gpu.shared": "2" },
        },
      },
    ],
    ["stopped", { ...BARE, replicas: 0 }],
    ["that speaks Thrift", { ...BARE, protocol: "thrift", port: 9090 }],
    ["with words that are empty or long", { ...BARE, args: ["", "a b", "line\nline"] }],
    ["with a variable that is empty", { ...BARE, env: { EMPTY: "", SPACE: " " } }],
    ["that is replaced at once", { ...BARE, strategy: { type: "recreate" } }],
    [
      "that goes by steps, with what the form does not show of them",
      {
        ...BARE,
        strategy: {
          type: "canary",
          max_surge: 2,
          exact: true,
          steps: [{ weight: 10 }, { pause: "5m" }, { pause: null }],
        },
      },
    ],
    [
      "that is switched at once",
      { ...BARE, strategy: { type: "blue_green", steps: [{ pause: null }] } },
    ],
    [
      "with a probe for each question",
      {
        ...BARE,
        probes: {
          readiness: { path: "/ready", initial_delay_seconds: 10 },
          liveness: {},
          startup: { failure_threshold: 60 },
        },
      },
    ],
  ])("%s", (_, service) => {
    const spec = specOf(valuesOf(service as Service));
    expect(spec).toEqual(service);
    expect(changedFields(spec, service as Spec)).toEqual({});
  });
});

describe("what is typed", () => {
  it.each<[string, Partial<Values>, object]>([
    [
      "is sent without the spaces around it",
      { requests: { cpu: " 500m ", memory: "1Gi" } },
      { resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: {} } },
    ],
    [
      "of devices is a request and a limit; none of them is neither",
      {
        requests: { cpu: "1", memory: "" },
        devices: { "nvidia.com/gpu": 2, "example.com/nic": 0 },
      },
      {
        resources: {
          requests: { cpu: "1", "nvidia.com/gpu": "2" },
          limits: { "nvidia.com/gpu": "2" },
        },
      },
    ],
    ["of a GPU model may be emptied", { gpu_product: undefined as never }, { gpu_product: "" }],
    [
      "of a secret that was turned into files leaves the variable behind",
      { secrets: [{ secret: "tls", key: "", as: "path", env: "TLS", path: "/etc/tls" }] },
      { secrets: [{ secret: "tls", path: "/etc/tls" }] },
    ],
    [
      "of a share has no place where all requests are switched at once",
      {
        strategy: {
          type: "blue_green",
          max_surge: 1,
          max_unavailable: 0,
          steps: [{ kind: "weight", weight: 10 }, { kind: "pause" }],
        },
      },
      { strategy: { type: "blue_green", steps: [{ pause: null }] } },
    ],
    [
      "of bounds counts only where they are set",
      { strategy: { type: "recreate", max_surge: 3, max_unavailable: 3 } },
      { strategy: { type: "recreate" } },
    ],
  ])("%s", (_, typed, sent) => {
    expect(specOf({ ...NEW, ...typed })).toEqual({ ...specOf(NEW), ...sent });
  });
});

describe("a step that is added", () => {
  it.each<[string, StepRow[] | undefined, boolean, StepRow]>([
    ["first", undefined, true, { kind: "weight", weight: 10 }],
    ["after a weight", [{ kind: "weight", weight: 10 }], true, { kind: "pause" }],
    [
      "after a pause",
      [{ kind: "weight", weight: 10 }, { kind: "pause" }],
      true,
      { kind: "weight", weight: 50 },
    ],
    [
      "late",
      [{ kind: "weight", weight: 90 }, { kind: "pause" }],
      true,
      { kind: "weight", weight: 100 },
    ],
    ["of blue-green", [{ kind: "pause" }], false, { kind: "pause" }],
  ])("%s", (_, before, withWeights, step) => {
    expect(nextStep(before, withWeights)).toEqual(step);
  });
});

describe("what differs", () => {
  it.each<[string, Partial<Spec>, Partial<Spec>, string[]]>([
    ["the order of keys is none", { env: { A: "1", B: "2" } }, { env: { B: "2", A: "1" } }, []],
    [
      "nor is it deep inside",
      { probes: { readiness: { path: "/", period_seconds: 9 } } },
      { probes: { readiness: { period_seconds: 9, path: "/" } } },
      [],
    ],
    ["the order of words is one", { args: ["a", "b"] }, { args: ["b", "a"] }, ["args"]],
    ["a number is no text", { env: { A: "1" } }, { env: { A: 1 as never } }, ["env"]],
    ["nothing is no empty text", { gpu_product: "" }, {}, ["gpu_product"]],
  ])("%s", (_, spec, before, fields) => {
    expect(Object.keys(changedFields(spec as Spec, before as Spec))).toEqual(fields);
  });
});
