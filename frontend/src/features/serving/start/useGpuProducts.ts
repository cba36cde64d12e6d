import { api, type Schemas } from "@/api/client";
import { isDevice, parseQuantity } from "@/lib/quantity";

type Node = Schemas["NodeOverview"];

/** As many nodes as one page of the API holds; beyond them no counts are claimed. */
const MOST_NODES = 500;

/** A GPU model of a cluster, with its devices in all and free; null where that is not known. */
export interface GpuProduct {
  name: string;
  total: number | null;
  free: number | null;
}

/** Which GPU models a cluster has, and how many of their devices are free. */
export function useGpuProducts(cluster: string | undefined): GpuProduct[] {
  const nodes = api.useQuery(
    "get",
    "/api/v1/fleet/nodes",
    { params: { query: { limit: MOST_NODES, ...(cluster && { cluster }) } } },
    { enabled: cluster !== undefined },
  );
  if (!nodes.data) return [];
  return productsOf(nodes.data.results, nodes.data.next === null);
}

export function productsOf(nodes: Node[], isComplete: boolean): GpuProduct[] {
  const names = [...new Set(nodes.map((node) => node.gpu_product))].filter(Boolean).sort();
  return names.map((name) => {
    const own = nodes.filter((node) => node.gpu_product === name);
    const isKnown = isComplete && own.every((node) => !node.stale);
    // What cannot be scheduled to is not free.
    const open = own.filter((node) => node.ready && !node.unschedulable);
    const free = sum(open, ({ allocatable }) => devicesOf(allocatable)) - sum(open, requestedOf);
    return {
      name,
      total: isKnown ? sum(own, ({ capacity }) => devicesOf(capacity)) : null,
      free: isKnown ? free : null,
    };
  });
}

function requestedOf({ requested }: Node): number {
  return devicesOf(requested);
}

function devicesOf(resources: Record<string, string>): number {
  return sum(
    Object.entries(resources).filter(([name]) => isDevice(name)),
    ([, amount]) => parseQuantity(amount),
  );
}

function sum<T>(items: T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
