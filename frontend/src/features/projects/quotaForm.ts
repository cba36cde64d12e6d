import type { Schemas } from "@/api/client";
import { byImportance, parseQuantity } from "@/lib/quantity";

type Quota = Schemas["Quota"];

/** What is typed: quantities as Kubernetes writes them, and numbers of GPUs per product. */
export interface QuotaValues {
  limits?: Record<string, string | undefined>;
  gpu_products?: Record<string, number | null | undefined>;
}

/** Every environment is asked for these, limited or not. */
const ALWAYS = ["cpu", "memory", "nvidia.com/gpu"];

/** Return the resources that a form shows: those that always matter, and what is limited or held. */
export function resourcesOf(quota?: Pick<Quota, "limits" | "reserved">): string[] {
  const names = new Set([
    ...ALWAYS,
    ...Object.keys(quota?.limits ?? {}),
    ...Object.keys(quota?.reserved ?? {}),
  ]);
  return [...names].sort(byImportance);
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
export function quotaOf({ limits = {}, gpu_products: products = {} }: QuotaValues) {
  const typed = Object.entries(limits).map(([name, text]) => [name, text?.trim()] as const);
  return {
    limits: Object.fromEntries(typed.filter((entry): entry is [string, string] => !!entry[1])),
    gpu_products: Object.fromEntries(
      Object.entries(products).filter(
        (entry): entry is [string, number] => typeof entry[1] === "number",
      ),
    ),
  };
}

/** Return what is limited below what admission has promised already. */
export function loweredBelowReserved(values: QuotaValues, quota: Quota): string[] {
  const { limits, gpu_products: products } = quotaOf(values);
  const { reserved, reserved_gpu_products: reservedProducts } = quota;
  return [
    ...Object.keys(limits).filter(
      (name) => parseQuantity(limits[name] ?? "") < parseQuantity(reserved[name] ?? "0"),
    ),
    ...Object.keys(products).filter(
      (name) => (products[name] ?? 0) < (reservedProducts[name] ?? 0),
    ),
  ];
}
