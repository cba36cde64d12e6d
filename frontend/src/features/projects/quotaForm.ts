import type { Schemas } from "@/api/client";
import { byImportance, isDevice, parseQuantity } from "@/lib/quantity";
import type { FieldPath } from "@/ui/fieldErrors";

type Quota = Schemas["Quota"];

/** What is typed: quantities as Kubernetes writes them, and numbers of GPUs per product. */
export interface QuotaValues {
  limits?: Typed;
  gpu_products?: Record<string, number | null | undefined>;
  minimum?: Typed;
  default_requests?: Typed;
  default_limits?: Typed;
}

type Typed = Record<string, string | undefined>;

/** What a container requests at least, and what it is given that states nothing. */
export const BOUNDS = ["minimum", "default_requests", "default_limits"] as const;

/** Of these there are bounds. */
export const BOUNDED = ["cpu", "memory"] as const;

/** Every environment is asked for these, limited or not. */
const ALWAYS = ["cpu", "memory", "nvidia.com/gpu", "pods"];

/** Return the resources that a form shows: those that always matter, and what is limited or held. */
export function resourcesOf(quota?: Pick<Quota, "limits" | "reserved">): string[] {
  const names = new Set([
    ...ALWAYS,
    ...Object.keys(quota?.limits ?? {}),
    ...Object.keys(quota?.reserved ?? {}),
  ]);
  return [...names].sort(byImportance);
}

/** Return what may be held of each resource: also where a limit holds that is not stated. */
export function limitsOf({ reserved, headroom }: Pick<Quota, "reserved" | "headroom">) {
  return Object.fromEntries(
    Object.entries(headroom).map(([name, left]) => [
      name,
      (parseQuantity(left) * 1000 + parseQuantity(reserved[name] ?? "0") * 1000) / 1000,
    ]),
  );
}

/** Return the GPU products that are limited or held. */
export function productsOf(
  quota?: Pick<Quota, "gpu_products" | "reserved_gpu_products">,
): string[] {
  const names = new Set([
    ...Object.keys(quota?.gpu_products ?? {}),
    ...Object.keys(quota?.reserved_gpu_products ?? {}),
  ]);
  return [...names].sort();
}

/** Return a typed quota as the API takes it; what was left empty is not limited. */
export function quotaOf({ gpu_products: products = {}, ...lists }: QuotaValues) {
  const bounds = BOUNDS.filter((name) => lists[name]).map((name) => [name, statedIn(lists[name])]);
  return {
    ...(Object.fromEntries(bounds) as Partial<
      Record<(typeof BOUNDS)[number], Record<string, string>>
    >),
    limits: statedIn(lists.limits),
    gpu_products: Object.fromEntries(
      Object.entries(products).filter(
        (entry): entry is [string, number] => typeof entry[1] === "number",
      ),
    ),
  };
}

function statedIn(list: Typed = {}): Record<string, string> {
  const typed = Object.entries(list).map(([name, text]) => [name, text?.trim()] as const);
  return Object.fromEntries(typed.filter((entry): entry is [string, string] => !!entry[1]));
}

/** Return where in the form something about a quota is that the server says of the quota alone. */
export function fieldInQuota(path: FieldPath): FieldPath {
  return BOUNDS.some((name) => name === path[0]) ? ["quota", ...path] : path;
}

/** Return what a limit comes to; NaN where it limits nothing. Devices that are not listed are barred. */
export function limitOf(name: string, text = ""): number {
  return text.trim() === "" && isDevice(name) ? 0 : parseQuantity(text);
}

/** Return what is limited below what admission has promised already. */
export function loweredBelowReserved(
  values: QuotaValues,
  quota: Pick<Quota, "reserved" | "reserved_gpu_products">,
): string[] {
  const { limits, gpu_products: products } = quotaOf(values);
  const { reserved, reserved_gpu_products: reservedProducts } = quota;
  return [
    ...Object.keys(reserved).filter(
      (name) => limitOf(name, limits[name]) < parseQuantity(reserved[name] ?? "0"),
    ),
    ...Object.keys(products).filter(
      (name) => (products[name] ?? 0) < (reservedProducts[name] ?? 0),
    ),
  ];
}
