import { api, type Schemas } from "@/api/client";

/** A GPU model of a cluster, with its cards in all and free; null where that is not known. */
export interface GpuProduct {
  name: string;
  total: number | null;
  free: number | null;
}

/** Which GPU models a cluster has, and how many of their cards are free. */
export function useGpuProducts(cluster: string | undefined): GpuProduct[] {
  const { data } = api.useQuery(
    "get",
    "/api/v1/fleet/summary",
    { params: { query: { ...(cluster && { cluster }) } } },
    { enabled: cluster !== undefined },
  );
  return productsOf(data?.gpus ?? []);
}

/** Add up the cards of a model, whole and in parts. */
function productsOf(gpus: Schemas["Cards"][]): GpuProduct[] {
  const names = [...new Set(gpus.map(({ gpu_product }) => gpu_product))].filter(Boolean);
  return names.map((name) => {
    const own = gpus.filter(({ gpu_product }) => gpu_product === name);
    const sum = (part: "total" | "free") =>
      own.some(({ unknown }) => unknown > 0) ? null : own.reduce((n, one) => n + one[part], 0);
    return { name, total: sum("total"), free: sum("free") };
  });
}
