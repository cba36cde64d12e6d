import type { Schemas } from "@/api/client";
import type { Plan } from "./usePlan";

/** Whether there is room: `unknown` is neither. */
export type Room = "yes" | "no" | "unknown";

export interface Fit {
  quota: Room;
  nodes: Room;
}

/**
 * Tell room in the quota from room on nodes: what no node can hold is not made green by a quota, and
 * a refusal for another reason says nothing of nodes.
 */
export function fitOf({ verdict, needs }: Asked): Fit {
  const quota = needs.every(({ fits }) => fits) ? "yes" : "no";
  return { quota, nodes: NODES[verdict] };
}

interface Asked {
  verdict: Plan["fit"]["verdict"];
  needs: Pick<Schemas["Need"], "fits">[];
}

const NODES = { fits: "yes", fits_after: "no", cannot: "unknown", unknown: "unknown" } as const;

/** Return whether a start would be refused now. */
export function isRefused({ fit }: { fit: Pick<Plan["fit"], "verdict"> }): boolean {
  return fit.verdict === "cannot";
}
