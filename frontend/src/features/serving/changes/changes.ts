import { isDevice, parseQuantity } from "@/lib/quantity";
import { type StatedStep, stepsInShort } from "../steps";
import type { Service, Spec } from "../types";

/** What a revision and a spec both say of pods; how they are replaced only a spec does. */
type ShownSpec = Omit<Spec, "strategy" | "resources" | "replicas"> & {
  version: string;
  replicas: number;
  requests: Record<string, string>;
  limits: Record<string, string>;
  strategy?: Spec["strategy"];
};

/** A part of a service's settings, and what comes with them where a change is planned. */
export type Aspect =
  | keyof ShownSpec
  | "image"
  | "temporary_replicas"
  | "temporary_expires_at"
  | "secret_versions"
  | "pull_credentials";

/** One difference; `null` is where it is not set. */
export interface Change {
  aspect: Aspect;
  /** Which resource, variable or label of it. */
  name?: string;
  before: string | null;
  after: string | null;
}

/** In the order in which people ask. Every setting is here, or it does not compile. */
const ASPECTS = Object.keys({
  version: true,
  replicas: true,
  requests: true,
  limits: true,
  gpu_product: true,
  protocol: true,
  port: true,
  env: true,
  secrets: true,
  command: true,
  args: true,
  probes: true,
  node_selector: true,
  strategy: true,
  progress_deadline_seconds: true,
} satisfies Record<keyof ShownSpec, true>) as (keyof ShownSpec)[];

/** Return what runs now: a service's settings are those of what was rolled out last. */
export function runningSpec(service: Service): ShownSpec | undefined {
  const { current_version: version, desired_replicas: replicas } = service;
  return version === null ? undefined : specBy(service, version, replicas);
}

/** Return what is shown of a spec. */
export function specBy({ resources, ...spec }: Spec, version: string, replicas: number): ShownSpec {
  const { requests = {}, limits = {} } = resources;
  return { ...spec, version, replicas, requests, limits };
}

/** Return what differs; with nothing before, everything that is set. */
export function changesBetween(before: ShownSpec | undefined, after: ShownSpec): Change[] {
  return ASPECTS.flatMap((aspect) => aspectChanges(aspect, before?.[aspect], after[aspect]));
}

/** Return what differs of one aspect, a line per resource, variable or label. */
export function aspectChanges(aspect: Aspect, before: unknown, after: unknown): Change[] {
  const [was, becomes] = [linesOf(stated(aspect, before)), linesOf(stated(aspect, after))];
  const names = new Set([...Object.keys(was), ...Object.keys(becomes)]);
  return [...names]
    .filter((name) => !isSaidAlready(aspect, name))
    .map(
      (name): Change => ({
        aspect,
        ...(name && { name }),
        before: was[name] ?? null,
        after: becomes[name] ?? null,
      }),
    )
    .filter(({ before, after }) => !isSame(aspect, before, after));
}

/** Devices are requested exactly as they are limited. */
function isSaidAlready(aspect: Aspect, name: string): boolean {
  return aspect === "limits" && isDevice(name);
}

/** Leave out the bounds of a strategy that are 0: the same as none beside the other bound. */
function stated(aspect: Aspect, value: unknown): unknown {
  if (aspect !== "strategy" || !value) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part));
}

/** Write a setting by its parts; what has none is its own only part. */
function linesOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null || value === "") return {};
  if (Array.isArray(value) && value.some(isStep)) return { "": stepsInShort(value) };
  if (Array.isArray(value) && value.some(isSecretUse)) return secretLines(value as SecretUse[]);
  if (Array.isArray(value)) return value.length ? { "": value.map(quoted).join(" ") } : {};
  if (typeof value !== "object") return { "": String(value) };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      item && typeof item === "object" ? (linesOf(item)[""] ?? shortOf(item)) : String(item),
    ]),
  );
}

function isStep(item: unknown): item is StatedStep {
  return typeof item === "object" && item !== null && ("weight" in item || "pause" in item);
}

type SecretUse = Spec["secrets"][number];

function isSecretUse(item: unknown): boolean {
  return typeof item === "object" && item !== null && "secret" in item;
}

/** Write secrets by where a service finds them: `PASSWORD` is `database/password`. */
function secretLines(uses: SecretUse[]): Record<string, string> {
  return Object.fromEntries(
    uses.map(({ secret, key, env, path }) => [
      env ?? path ?? "",
      key ? `${secret}/${key}` : secret,
    ]),
  );
}

/** Words stay apart where they have spaces. */
function quoted(word: string): string {
  return /^[^\s"]+$/.test(word) ? word : JSON.stringify(word);
}

/** Write a probe: `path=/healthz period_seconds=10`. */
function shortOf(item: object): string {
  const parts = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([key, part]) => `${key}=${part}`).join(" ");
}

function isSame(aspect: Aspect, before: string | null, after: string | null): boolean {
  if (before === after) return true;
  if (before === null || after === null) return false;
  const isQuantity = aspect === "requests" || aspect === "limits";
  return isQuantity && parseQuantity(before) === parseQuantity(after);
}
