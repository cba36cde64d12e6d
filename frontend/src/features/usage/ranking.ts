import type { Schemas } from "@/api/client";
import { byImportance, isDevice } from "@/lib/quantity";
import { amountOf } from "@/ui/quota";

/** One service and what it holds of one resource; `null` is not known. */
export interface RankedService {
  service: string;
  environment: string;
  health: Schemas["Health"];
  requested: number | null;
  used: number | null;
  idle: number | null;
  usedPeak: number | null;
  /** Whether some of the use is an equal part of cards that several pods hold. */
  isShared: boolean;
}

/** Name what a project's services can be ranked by, as people look at it. */
export function rankedResources({ environments, ranking }: Schemas["Summary"]): string[] {
  const held = environments.flatMap(({ resources }) =>
    resources.filter(({ requested, used, resource }) =>
      isDevice(resource) ? used !== null || requested !== null : Number(amountOf(requested)) > 0,
    ),
  );
  const names = new Set(held.map(({ resource }) => resource));
  names.delete("pods");
  return [...names.add("cpu").add("memory").add(ranking.resource)].sort(byImportance);
}

/** As many services as the API answers at once. */
const MOST_RANKED = 500;

/** Whether more services can be asked for than are shown. */
export function hasMore({ services, ranking }: Schemas["Summary"]): boolean {
  return services.length < Math.min(ranking.total, MOST_RANKED);
}

/** Return what the services of a summary hold of the resource that they are ranked by. */
export function rankedServices(summary: Schemas["Summary"]): RankedService[] {
  const { resource } = summary.ranking;
  // What the environments ask for: where that is not known, no service asks for nothing.
  const known = summary.environments.filter(({ resources }) =>
    resources.some(({ requested }) => requested !== null),
  );
  const names = new Set(known.map(({ environment }) => environment));
  return summary.services.map(({ resources, ...service }) => {
    const line = resources.find((one) => one.resource === resource);
    const requested = names.has(service.environment) ? 0 : null;
    // A card that is not requested is not used; CPU may be, and was not measured.
    const used = isDevice(resource) ? requested : null;
    return {
      ...service,
      requested: line ? amountOf(line.requested) : requested,
      used: line ? amountOf(line.used) : used,
      idle: line ? amountOf(line.idle) : used,
      usedPeak: line ? amountOf(line.window.used_peak) : used,
      isShared: line?.shared ?? false,
    };
  });
}
