import { isCard } from "@/lib/devices";
import { parseQuantity } from "@/lib/quantity";
import type { FleetNode } from "./nodeState";

type ServiceOnNode = FleetNode["services"][number];

/** Add up the cards in a resource list, whole, in slices or in shares. */
export function gpusOf(resources: Record<string, string>): number {
  return Object.entries(resources)
    .filter(([resource]) => isCard(resource))
    .reduce((sum, [, amount]) => sum + parseQuantity(amount), 0);
}

/** Return the services on a node, those with the most cards first. */
export function servicesByGpus({ services }: Pick<FleetNode, "services">): ServiceOnNode[] {
  return services.toSorted((a, b) => gpusOf(b.requested) - gpusOf(a.requested));
}
