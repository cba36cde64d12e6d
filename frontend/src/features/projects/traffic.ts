import type { Schemas } from "@/api/client";
import type { FieldPath } from "@/ui/fieldErrors";

export type TrafficDirection = "ingress" | "egress";
type Peers = Schemas["Peers"];

/** What is typed of one direction. */
export interface TrafficValues {
  mode: "all" | "stated";
  environments?: string[];
  cidrs?: string[];
}

export function isStated(mode: unknown): boolean {
  return mode === "stated";
}

/** Return what a form shows; null is everybody. */
export function typedFrom(peers: Peers | null): TrafficValues {
  return { mode: peers ? "stated" : "all", ...peers };
}

/** Return what the API takes. */
export function peersOf({ mode, environments = [], cidrs = [] }: TrafficValues): Peers | null {
  return isStated(mode) ? { environments, cidrs } : null;
}

/** Return the field of a list of which the server refuses one entry. */
export function fieldOfList(path: FieldPath): FieldPath {
  return typeof path.at(-1) === "number" ? path.slice(0, -1) : path;
}
