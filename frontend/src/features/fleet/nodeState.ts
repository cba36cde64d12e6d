import type { Schemas } from "@/api/client";

export type FleetNode = Schemas["NodeOverview"];
type Condition = Schemas["NodeCondition"];

export type NodeState = "ready" | "troubled" | "cordoned" | "notReady" | "unknown";

type Facts = Pick<FleetNode, "ready" | "stale" | "unschedulable" | "conditions">;

/** Say how a node is. What an old mirror last saw is not how it is now. */
export function nodeStateOf(node: Facts): NodeState {
  if (node.stale || node.ready === null) return "unknown";
  if (!node.ready) return "notReady";
  if (node.unschedulable) return "cordoned";
  return troublesOf(node).length > 0 ? "troubled" : "ready";
}

/**
 * Return the conditions that are bad news. Kubernetes and those who add conditions to nodes report
 * problems as true (MemoryPressure, KernelDeadlock); only readiness is good when it is.
 */
export function troublesOf({ conditions }: Pick<FleetNode, "conditions">): Condition[] {
  return conditions.filter(({ type, status }) =>
    type === "Ready" ? status !== "True" : status === "True" && !type.endsWith("Ready"),
  );
}

/** Return the taints that say more than the node's state does. */
export function ownTaints({ taints }: Pick<FleetNode, "taints">): FleetNode["taints"] {
  return taints.filter(({ key }) => !key.startsWith("node.kubernetes.io/"));
}
