import { api } from "@/api/client";

/** What a cluster's nodes offer besides CPU and memory; nothing until it is known. */
export function useHardware(cluster: string | undefined): {
  devices: string[];
  gpuProducts: string[];
  isKnown: boolean;
} {
  const { data } = api.useQuery(
    "get",
    "/api/v1/fleet/summary",
    { params: { query: { cluster: cluster ?? "" } } },
    { enabled: Boolean(cluster), staleTime: 60_000 },
  );
  const gpus = data?.gpus ?? [];
  return {
    devices: distinct(gpus.map(({ resource }) => resource)),
    gpuProducts: distinct(gpus.map(({ gpu_product: product }) => product).filter(Boolean)),
    isKnown: data !== undefined,
  };
}

function distinct(names: string[]): string[] {
  return [...new Set(names)].sort();
}
