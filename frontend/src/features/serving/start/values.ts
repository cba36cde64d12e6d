import type { Schemas } from "@/api/client";
import { service as defaults } from "@/api/defaults.json";
import { isDevice } from "@/lib/quantity";
import { mapOf, type Pair } from "@/ui/PairsField";
import type { Service, Spec } from "../types";

export type Protocol = Schemas["Protocol"];

/** One of Kubernetes' three probes, as it is asked for. */
export interface Probe {
  path?: string;
  grpc_service?: string;
  initial_delay_seconds?: number;
  period_seconds?: number;
  timeout_seconds?: number;
  failure_threshold?: number;
}

/** A secret that a service gets, as a variable or as files. */
export interface SecretRow {
  secret: string;
  key?: string;
  as: "env" | "path";
  env?: string;
  path?: string;
}

export const PROBES = ["readiness", "liveness", "startup"] as const;
export type ProbeName = (typeof PROBES)[number];

/** `automatic` surges where the quota has room for it. */
export type StrategyChoice = "automatic" | "rolling" | "recreate" | "canary" | "blue_green";

/** A share of the requests, a pause that ends by itself, and one that waits for a person. */
export type StepKind = "weight" | "wait" | "pause";

export interface StepRow {
  kind: StepKind;
  weight?: number;
  /** Such as `5m`. */
  lasts?: string;
}

/** What stands in the form. */
export interface Values {
  /** Only of a service that does not exist yet. */
  name?: string;
  protocol: Protocol;
  port: number;
  replicas: number;
  requests: { cpu: string; memory: string };
  limits: { cpu?: string; memory?: string };
  /** Other resources, which the form does not show and sends as they are. */
  others: { requests: Record<string, string>; limits: Record<string, string> };
  /** GPUs and other devices per pod: requested exactly as they are limited. */
  devices: Record<string, number | null>;
  gpu_product: string;
  node_selector: Pair<string>[];
  env: Pair<string>[];
  secrets: SecretRow[];
  command: string[];
  args: string[];
  probes: Record<ProbeName, Probe & { enabled: boolean }>;
  strategy: {
    type: StrategyChoice;
    max_surge: number;
    max_unavailable: number;
    /** Of either strategy that goes by steps, so that a look at the other loses nothing. */
    steps?: StepRow[];
    /** What the form does not show of a strategy with steps, and sends as it is. */
    others?: Partial<Schemas["Strategy"]>;
  };
  progress_deadline_seconds: number;
  /** Why, for those who read of it. */
  reason?: string;
}

export const PORTS: Record<Protocol, number> = { http: defaults.port, grpc: 9000, thrift: 9090 };

const PROBE = defaults.probe;

const OFF = { enabled: false, ...PROBE };

/** What a new service starts from. */
export const NEW: Values = {
  protocol: defaults.protocol as Protocol,
  port: PORTS.http,
  replicas: defaults.replicas,
  // Only a suggestion, as the form has to start with something. The default is the environment's.
  requests: { cpu: "1", memory: "2Gi" },
  limits: {},
  others: { requests: {}, limits: {} },
  devices: {},
  gpu_product: "",
  node_selector: [],
  env: [],
  secrets: [],
  command: [],
  args: [],
  probes: { readiness: { enabled: true, ...PROBE }, liveness: OFF, startup: OFF },
  strategy: { type: "automatic", max_surge: 1, max_unavailable: 0 },
  progress_deadline_seconds: defaults.progress_deadline_seconds,
};

/** Return what the form shows of a service. */
export function valuesOf(service: Service): Values {
  const { requests = {}, limits = {} } = service.resources;
  const devices = Object.entries(requests).filter(([name]) => isDevice(name));
  return {
    protocol: service.protocol,
    port: service.port,
    replicas: service.replicas,
    requests: { cpu: requests.cpu ?? "", memory: requests.memory ?? "" },
    limits: present({ cpu: limits.cpu, memory: limits.memory }),
    others: { requests: othersOf(requests), limits: othersOf(limits) },
    devices: Object.fromEntries(devices.map(([name, count]) => [name, Number(count)])),
    gpu_product: service.gpu_product,
    node_selector: pairsOf(service.node_selector),
    env: pairsOf(service.env),
    secrets: service.secrets.map((use) => ({ ...use, as: use.path ? "path" : "env" })),
    command: service.command,
    args: service.args,
    probes: probeValues(service.probes as Partial<Record<ProbeName, Probe>>),
    strategy: strategyValues(service.strategy),
    progress_deadline_seconds: service.progress_deadline_seconds,
  };
}

function othersOf(amounts: Record<string, string>): Record<string, string> {
  const isShown = (name: string) => name === "cpu" || name === "memory" || isDevice(name);
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => !isShown(name)));
}

function probeValues(probes: Partial<Record<ProbeName, Probe>>): Values["probes"] {
  const shown = (name: ProbeName) => ({
    ...PROBE,
    ...probes[name],
    enabled: name === "readiness" || Boolean(probes[name]),
  });
  return { readiness: shown("readiness"), liveness: shown("liveness"), startup: shown("startup") };
}

function strategyValues(strategy: Schemas["Strategy"]): Values["strategy"] {
  const { type, steps = [], ...others } = strategy;
  if (type === "canary" || type === "blue_green")
    return { ...NEW.strategy, type, steps: steps.map(rowOf), others };
  if (type === "recreate") return { ...NEW.strategy, type };
  const { max_surge: surge, max_unavailable: unavailable } = others;
  if (surge === undefined && unavailable === undefined) return NEW.strategy;
  return { type, max_surge: surge ?? 0, max_unavailable: unavailable ?? 0 };
}

function rowOf({ weight, pause }: Schemas["Step"]): StepRow {
  if (weight !== undefined) return { kind: "weight", weight };
  return pause === null || pause === undefined ? { kind: "pause" } : { kind: "wait", lasts: pause };
}

/** Return the step to begin with that is added: after a weight a pause, after a pause a weight. */
export function nextStep(steps: StepRow[] | undefined, withWeights: boolean): StepRow {
  const last = steps?.at(-1);
  if (!withWeights || last?.kind === "weight") return { kind: "pause" };
  const weight = Math.max(0, ...(steps ?? []).map((step) => step.weight ?? 0));
  return {
    kind: "weight",
    weight: weight < 10 ? 10 : Math.min(100, weight < 50 ? 50 : weight + 25),
  };
}

/** Return what was typed as the API takes it. */
export function specOf(values: Values): Spec {
  const devices = Object.entries(values.devices).filter(([, count]) => count);
  const counts = Object.fromEntries(devices.map(([name, count]) => [name, String(count)]));
  return {
    protocol: values.protocol,
    port: values.port,
    replicas: values.replicas,
    resources: {
      requests: { ...values.others.requests, ...trimmed(values.requests), ...counts },
      limits: { ...values.others.limits, ...trimmed(values.limits), ...counts },
    },
    gpu_product: values.gpu_product ?? "",
    node_selector: mapOf(values.node_selector),
    env: mapOf(values.env),
    secrets: (values.secrets ?? []).map(useOf),
    command: values.command,
    args: values.args,
    probes: probesOf(values),
    strategy: strategyOf(values.strategy),
    progress_deadline_seconds: values.progress_deadline_seconds,
  };
}

/** Keep only what belongs to the way in which a service gets a secret. */
function useOf({ secret, key, as, env, path }: SecretRow): Schemas["SecretUseRequest"] {
  const place = as === "path" ? { path: path ?? "" } : { env: env ?? "" };
  return { secret, ...(key && { key }), ...place };
}

/** Leave out what Kubernetes would do anyway, so that nothing seems to change. */
function probesOf({ probes, protocol }: Values): Spec["probes"] {
  const stated = PROBES.flatMap((name) => {
    const { enabled, path, grpc_service, ...times } = probes[name];
    if (!enabled) return [];
    const handler = protocol === "http" ? { path } : protocol === "grpc" ? { grpc_service } : {};
    const different = Object.entries({ ...handler, ...times }).filter(
      ([key, value]) => value && value !== PROBE[key as keyof typeof PROBE],
    );
    return name === "readiness" && !different.length
      ? []
      : [[name, Object.fromEntries(different)] as const];
  });
  return Object.fromEntries(stated);
}

function stepOf({ kind, weight, lasts }: StepRow): Schemas["StepRequest"] {
  if (kind === "weight") return { weight };
  return { pause: kind === "wait" ? (lasts ?? "").trim() : null };
}

function strategyOf({
  type,
  max_surge,
  max_unavailable,
  steps = [],
  others,
}: Values["strategy"]): Spec["strategy"] {
  if (type === "rolling") return { type, max_surge, max_unavailable };
  if (type === "canary") return { ...others, type, steps: steps.map(stepOf) };
  if (type === "blue_green") {
    const pauses = steps.filter(({ kind }) => kind !== "weight");
    return { type, steps: pauses.map(stepOf) };
  }
  return { type: type === "recreate" ? "recreate" : "rolling" };
}

/** Return the fields of a spec that differ from those that a service has. */
export function changedFields(spec: Spec, before: Spec): Partial<Spec> {
  return Object.fromEntries(
    Object.entries(spec).filter(
      ([key, value]) => canonical(value) !== canonical(before[key as keyof Spec]),
    ),
  );
}

/** Write a value so that equal ones read the same, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

function pairsOf(map: Record<string, string>): Pair<string>[] {
  return Object.entries(map).map(([name, value]) => ({ name, value }));
}

/** Keep the quantities that were typed. */
function trimmed(amounts: Record<string, string | undefined>): Record<string, string> {
  const typed = Object.entries(amounts).map(([name, text]) => [name, text?.trim()] as const);
  return present(Object.fromEntries(typed));
}

function present<T>(map: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value)) as Record<string, T>;
}
