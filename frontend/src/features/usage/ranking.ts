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
}

/** Name what services of a project hold, as people look at it; what is only measured is left out. */
export function rankedResources(services: Schemas["ServiceSummary"][]): string[] {
  const held = services.flatMap(({ resources }) =>
    resources.filter(({ requested, resource }) => requested !== null || isDevice(resource)),
  );
  const names = new Set(held.map(({ resource }) => resource));
  return [...names.add("cpu").add("memory")].sort(byImportance);
}

/** Put those who hold, or leave idle, the most first; what is not known comes before nothing. */
export function rankServices(
  services: Schemas["ServiceSummary"][],
  { resource, rank }: { resource: string; rank: Rank },
): RankedService[] {
  const ranked = services.map(({ resources, ...service }) => {
    const line = resources.find((one) => one.resource === resource);
    return {
      ...service,
      requested: line ? amountOf(line.requested) : 0,
      used: line ? amountOf(line.used) : 0,
      idle: line ? amountOf(line.idle) : 0,
      usedPeak: line ? amountOf(line.window.used_peak) : 0,
    };
  });
  const weight = (one: RankedService) => one[rank] ?? Number.EPSILON;
  return ranked.sort((a, b) => weight(b) - weight(a) || a.service.localeCompare(b.service));
}
