import { api } from "@/api/client";
import { isDevice } from "@/lib/quantity";

/** What a cluster's nodes offer besides CPU and memory; nothing until it is known. */
export function useHardware(cluster: string | undefined): {
  devices: string[];
  gpuProducts: string[];
} {
  const { data } = api.useQuery(
    "get",
    "/api/v1/fleet/nodes",
    { params: { query: { cluster: cluster ?? "", limit: 500 } } },
    { enabled: Boolean(cluster), staleTime: 60_000 },
  );
  const nodes = data?.results ?? [];
  return {
    devices: distinct(nodes.flatMap(({ capacity }) => Object.keys(capacity).filter(isDevice))),
    gpuProducts: distinct(nodes.map(({ gpu_product: product }) => product).filter(Boolean)),
  };
}

function distinct(names: string[]): string[] {
  return [...new Set(names)].sort();
}
