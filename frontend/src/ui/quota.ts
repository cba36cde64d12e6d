import type { Schemas } from "@/api/client";
import { parseQuantity } from "@/lib/quantity";

/**
 * One resource in cores, bytes or devices. `null` is not known (for the quota: not limited);
 * what is absent is not shown here.
 */
export interface Amounts {
  quota: number | null;
  requested?: number | null;
  /** Promised by admission: the peak of running changes included. */
  reserved?: number | null;
  used?: number | null;
  /** Requested and not used. */
  idle?: number | null;
  clusterFree?: number | null;
}

export type QuotaState = "over" | "nearlyFull" | "unknown" | "fine";

const NEARLY_FULL_RATIO = 0.9;

/** Say how a quota stands. What is promised counts like what is asked for: both bar the next one. */
export function quotaState({ quota, requested, reserved }: Amounts): QuotaState {
  const held = Math.max(requested ?? 0, reserved ?? 0);
  if (quota !== null && held > quota) return "over";
  if (requested === null) return "unknown";
  return quota && held >= NEARLY_FULL_RATIO * quota ? "nearlyFull" : "fine";
}

/** Return whether the cluster cannot give what the quota would still allow. */
export function isAboveCluster({ quota, requested, reserved, clusterFree }: Amounts): boolean {
  if (quota === null || requested === null || typeof clusterFree !== "number") return false;
  return quota - Math.max(requested ?? 0, reserved ?? 0) > clusterFree;
}

/** Return the amount that fills the whole bar; never 0. */
export function scaleOf({ quota, requested, reserved, used, clusterFree }: Amounts): number {
  const held = Math.max(requested ?? 0, reserved ?? 0, used ?? 0);
  // Without a quota the cluster is the only bound there is.
  const bound = quota ?? held + (clusterFree ?? 0);
  return Math.max(bound, held) || 1;
}

export function amountOf(quantity: string | null | undefined): number | null {
  return quantity === null || quantity === undefined ? null : parseQuantity(quantity);
}

/** Read a line of the resource summary. Of pods no use is measured: each is one. */
export function amountsOf(line: Schemas["Line"]): Amounts {
  const use = { used: amountOf(line.used), idle: amountOf(line.idle) };
  return {
    quota: amountOf(line.quota),
    requested: amountOf(line.requested),
    reserved: amountOf(line.reserved),
    ...(line.unit === "pods" ? {} : use),
    clusterFree: amountOf(line.cluster_free),
  };
}
