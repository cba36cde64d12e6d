import type { Schemas } from "@/api/client";
import { byImportance, parseQuantity } from "@/lib/quantity";
import { type Amounts, amountOf } from "@/ui/quota";

type Environment = Schemas["ProjectEnvironment"];

export interface Held {
  environment: string;
  resource: string;
  amounts: Amounts;
}

/** How full a quota is by what is requested or promised; something of nothing is fullest. */
function fullness({ quota, requested, reserved }: Amounts): number {
  const held = Math.max(requested ?? 0, reserved ?? 0);
  if (!quota) return held > 0 ? Number.MAX_VALUE : 0;
  return held / quota;
}

function heldIn(environment: Environment): Held[] {
  const { limits, reserved, requested, stale, name } = environment;
  return Object.keys(limits).map((resource) => ({
    environment: name,
    resource,
    amounts: {
      quota: parseQuantity(limits[resource] ?? ""),
      reserved: amountOf(reserved[resource] ?? "0"),
      requested: stale || !requested ? null : amountOf(requested[resource] ?? "0"),
    },
  }));
}

/** Return, for each resource of a project, the environment in which its quota is fullest. */
export function fullestQuotas(environments: Environment[]): Held[] {
  const fullest = new Map<string, Held>();
  for (const held of environments.flatMap(heldIn)) {
    const before = fullest.get(held.resource);
    if (!before || fullness(held.amounts) > fullness(before.amounts))
      fullest.set(held.resource, held);
  }
  return [...fullest.values()].sort((a, b) => byImportance(a.resource, b.resource));
}
