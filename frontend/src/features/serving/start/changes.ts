import { isDevice, parseQuantity } from "@/lib/quantity";
import type { Revision, Service } from "../types";
import type { Wish } from "./wish";

/** What a revision and a wish both say of pods. */
type Told = Omit<Wish, "strategy" | "resources" | "replicas"> & {
  version: string;
  replicas: number;
  requests: Record<string, string>;
  limits: Record<string, string>;
};

/** A part of a service's settings. */
export type Aspect = keyof Told;

/** One difference; `null` is where it is not set. */
export interface Change {
  aspect: Aspect;
  /** Which resource, variable or label of it. */
  name?: string;
  before: string | null;
  after: string | null;
}

/** In the order in which people ask. */
const ASPECTS: Aspect[] = [
  "version",
  "replicas",
  "requests",
  "limits",
  "gpu_product",
  "protocol",
  "port",
  "env",
  "command",
  "args",
  "probes",
  "node_selector",
  "progress_deadline_seconds",
];

/** Return what runs now, where a revision does. */
export function toldNow(service: Service, revision: Revision | undefined): Told | undefined {
  return revision && { ...revision.spec, replicas: service.desired_replicas };
}

/** Return what pods are told with a wish. */
export function toldBy({ resources, ...wish }: Wish, version: string, replicas: number): Told {
  const { requests = {}, limits = {} } = resources;
  return { ...wish, version, replicas, requests, limits };
}

/** Return what differs; with nothing before, everything that is set. */
export function changesBetween(before: Told | undefined, after: Told): Change[] {
  return ASPECTS.flatMap((aspect) => {
    const [was, becomes] = [linesOf(before?.[aspect]), linesOf(after[aspect])];
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
  });
}

/** Devices are requested exactly as they are limited. */
function isSaidAlready(aspect: Aspect, name: string): boolean {
  return aspect === "limits" && isDevice(name);
}

/** Write a setting by its parts; what has none is its own only part. */
function linesOf(value: Told[Aspect] | undefined): Record<string, string> {
  if (value === undefined || value === "") return {};
  if (Array.isArray(value)) return value.length ? { "": value.map(quoted).join(" ") } : {};
  if (typeof value !== "object") return { "": String(value) };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      typeof item === "string" ? item : shortOf(item),
    ]),
  );
}

/** Words stay apart where they have spaces. */
function quoted(word: string): string {
  return /^[^\s"]+$/.test(word) ? word : JSON.stringify(word);
}

/** Write a probe: `path=/healthz period_seconds=10`. */
function shortOf(item: unknown): string {
  const parts = Object.entries(item as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([key, part]) => `${key}=${part}`).join(" ");
}

function isSame(aspect: Aspect, before: string | null, after: string | null): boolean {
  if (before === after) return true;
  if (before === null || after === null) return false;
  const isQuantity = aspect === "requests" || aspect === "limits";
  return isQuantity && parseQuantity(before) === parseQuantity(after);
}
