import { isCard } from "@/lib/devices";
import { byImportance, isDevice, parseQuantity } from "@/lib/quantity";
import type { Need } from "../changes/needs";
import type { Wish } from "../types";

/**
 * What a change holds at its peak, and whether the quota has room for it: the rule of the server's
 * `serving/rules/strategy.py` and `projects/quota.py`, so that a reader sees before he asks. It
 * decides.
 *
 * Amounts are by resource name, in cores, bytes or devices.
 */
export type Amounts = Record<string, number>;

/** A number of pods, and what each holds. */
export interface Pods {
  count: number;
  each: Amounts;
}

/** How pods are replaced, in pods. */
export interface Replacement {
  type: "rolling" | "recreate";
  max_surge: number;
  max_unavailable: number;
}

const RECREATE: Replacement = { type: "recreate", max_surge: 0, max_unavailable: 0 };

/** Return the replacements that the server tries, the gentlest first. */
export function replacementsOf(strategy: Wish["strategy"], replicas: number): Replacement[] {
  if (strategy.type === "recreate") return [RECREATE];
  const rolling = (max_surge: number, max_unavailable: number): Replacement => ({
    type: "rolling",
    max_surge,
    max_unavailable,
  });
  const { max_surge: surge, max_unavailable: unavailable } = strategy;
  if (surge !== undefined || unavailable !== undefined)
    return [rolling(surge ?? 0, unavailable ?? 0)];
  const quarter = Math.ceil(replicas / 4);
  return [...(quarter > 1 ? [rolling(quarter, 0)] : []), rolling(1, 0), rolling(0, 1)];
}

/** Return the most that a change can hold at once: the larger of its two extreme mixes. */
export function peakOf(old: Pods, wanted: Pods, { type, max_surge }: Replacement): Amounts {
  const mix = (olds: number, news: number) => plus(times(old.each, olds), times(wanted.each, news));
  if (type === "recreate") return most(mix(old.count, 0), mix(0, wanted.count));
  const pods = Math.max(old.count, wanted.count) + max_surge;
  return most(
    mix(old.count, Math.min(wanted.count, pods - old.count)),
    mix(Math.min(old.count, pods - wanted.count), wanted.count),
  );
}

export interface Change {
  old: Pods;
  wanted: Pods;
  /** What the service is promised already. */
  held: Amounts;
  /** The number that a temporary scale returns to; room for it is kept. */
  returnsTo: number;
  strategy: Wish["strategy"];
  gpuProduct: string;
  heldProduct: string;
}

export interface Allowance {
  headroom: Amounts;
  /** What is left per GPU product, where that is limited. */
  products: Record<string, number>;
}

export interface Preview {
  /** Absent where no pod is replaced. */
  replacement: Replacement | undefined;
  needs: Need[];
  fits: boolean;
}

/** Return the gentlest way that fits; where none does, what the last one lacks. */
export function previewOf(change: Change, allowance: Allowance): Preview {
  const { old, wanted } = change;
  if (old.count === 0) return tried(change, allowance, undefined);
  const choices = replacementsOf(change.strategy, wanted.count);
  const previews = choices.map((choice) => tried(change, allowance, choice));
  return previews.find(({ fits }) => fits) ?? (previews.at(-1) as Preview);
}

function tried(change: Change, allowance: Allowance, replacement?: Replacement): Preview {
  const { old, wanted, held, returnsTo } = change;
  const least = most(held, times(wanted.each, returnsTo));
  const peak = most(peakOf(old, wanted, replacement ?? RECREATE), least);
  const needs = Object.keys(peak)
    .sort(byImportance)
    .map((resource) => needOf({ resource, peak, held, left: leftOf(resource, allowance) }));
  const ofProduct = productNeed(change, peak, allowance);
  const all = ofProduct ? [...needs, ofProduct] : needs;
  return { replacement, needs: all, fits: all.every(({ fits }) => fits) };
}

/** What every node has is not limited unless it is listed; all else is not allowed unless it is. */
function leftOf(resource: string, { headroom }: Allowance): number | null {
  return headroom[resource] ?? (isDevice(resource) ? 0 : null);
}

interface Amount {
  resource: string;
  peak: Amounts;
  held: Amounts;
  left: number | null;
}

function needOf({ resource, peak, held, left }: Amount): Need {
  const [has, most] = [held[resource] ?? 0, peak[resource] ?? 0];
  const more = rounded(most - has);
  // Only growth is refused: what is held under a lowered limit may be kept.
  return {
    resource,
    held: has,
    peak: most,
    more,
    left,
    fits: left === null || more <= 0 || more <= left,
  };
}

/** Limits per GPU product count all cards of a claim: whole, in slices or in shares. */
function productNeed(change: Change, peak: Amounts, { products }: Allowance): Need | undefined {
  const { gpuProduct, heldProduct, held } = change;
  const left = products[gpuProduct];
  if (!gpuProduct || left === undefined) return undefined;
  const has = heldProduct === gpuProduct ? gpus(held) : 0;
  const resource = "nvidia.com/gpu";
  return {
    ...needOf({ resource, peak: { [resource]: gpus(peak) }, held: { [resource]: has }, left }),
    gpuProduct,
  };
}

function gpus(amounts: Amounts): number {
  return Object.entries(amounts)
    .filter(([name]) => isCard(name))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** Return what one pod takes of a quota: what it requests, and a place among the pods. */
export function ofOnePod(requests: Record<string, string>): Amounts {
  return { ...amountsOf(requests), pods: 1 };
}

/** Read a resource list. */
export function amountsOf(list: Record<string, string>): Amounts {
  const read = Object.entries(list).map(([name, text]) => [name, parseQuantity(text)] as const);
  return Object.fromEntries(read.filter(([, amount]) => !Number.isNaN(amount)));
}

/** Return what each of a number of pods holds of what they hold together. */
export function sharedBy(count: number, held: Amounts): Pods {
  if (count === 0) return { count: Object.keys(held).length ? 1 : 0, each: held };
  return { count, each: combined(held, {}, (amount) => rounded(amount / count)) };
}

function plus(a: Amounts, b: Amounts): Amounts {
  return combined(a, b, (x, y) => rounded(x + y));
}

function most(a: Amounts, b: Amounts): Amounts {
  return combined(a, b, Math.max);
}

function times(amounts: Amounts, factor: number): Amounts {
  return combined(amounts, {}, (amount) => rounded(amount * factor));
}

function combined(a: Amounts, b: Amounts, join: (x: number, y: number) => number): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, join(a[name] ?? 0, b[name] ?? 0)]));
}

/** Cores are counted in thousandths; sums of them must not miss a limit by a float's last digit. */
function rounded(amount: number): number {
  return Math.round(amount * 1000) / 1000;
}
