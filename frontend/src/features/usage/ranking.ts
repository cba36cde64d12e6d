import type { Schemas } from "@/api/client";
import { byImportance, isDevice } from "@/lib/quantity";
import { amountOf } from "@/ui/quota";

export type Rank = "requested" | "idle";

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

/** Name what services of a project hold, as people look at it; what is only measured is left out. */
export function rankedResources(services: Schemas["ServiceSummary"][]): string[] {
  const held = services.flatMap(({ resources }) =>
    resources.filter(({ requested, resource }) => requested !== null || isDevice(resource)),
  );
  const names = new Set(held.map(({ resource }) => resource));
  return [...names.add("cpu").add("memory")].sort(byImportance);
}

interface Order {
  /** What the environments ask for: where that is not known, no service asks for nothing. */
  environments: Schemas["EnvironmentSummary"][];
  resource: string;
  rank: Rank;
}

/** Put those who hold, or leave idle, the most first; what is not known comes before nothing. */
export function rankServices(
  services: Schemas["ServiceSummary"][],
  { environments, resource, rank }: Order,
): RankedService[] {
  const known = environments.filter(({ resources }) =>
    resources.some(({ requested }) => requested !== null),
  );
  const names = new Set(known.map(({ environment }) => environment));
  const ranked = services.map(({ resources, ...service }) => {
    const line = resources.find((one) => one.resource === resource);
    const nothing = names.has(service.environment) ? 0 : null;
    return {
      ...service,
      requested: line ? amountOf(line.requested) : nothing,
      used: line ? amountOf(line.used) : nothing,
      idle: line ? amountOf(line.idle) : nothing,
      usedPeak: line ? amountOf(line.window.used_peak) : nothing,
      isShared: line?.shared ?? false,
    };
  });
  const weight = (one: RankedService) => one[rank] ?? Number.EPSILON;
  return ranked.sort((a, b) => weight(b) - weight(a) || a.service.localeCompare(b.service));
}
