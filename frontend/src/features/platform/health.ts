import type { Schemas } from "@/api/client";

export type PartHealth = Schemas["Part"];
export type PartName = PartHealth["name"];

/** Slipway itself, in the order in which the parts need each other. */
export const OWN_PARTS = [
  "postgresql",
  "redis",
  "worker",
  "collector",
  "beat",
  "informer",
] as const;
export type OwnPart = (typeof OWN_PARTS)[number];

/** What somebody who is woken at night asks first: is it us, or the cluster? */
export interface Verdict {
  /** Our own parts, where no process of a kind works. */
  ours: PartHealth[];
  /** Clusters and their Prometheus, where they do not answer us. */
  theirs: PartHealth[];
  /** What does not report, with neither to blame. */
  unclear: PartHealth[];
  /** Processes that fell silent while another of their kind works. */
  missed: PartHealth[];
}

export function isOwn({ name }: PartHealth): boolean {
  return (OWN_PARTS as readonly string[]).includes(name);
}

export function ownParts(parts: PartHealth[]): PartHealth[] {
  const rank = ({ name }: PartHealth) => (OWN_PARTS as readonly string[]).indexOf(name);
  return parts.filter(isOwn).sort((a, b) => rank(a) - rank(b));
}

/** Say whose problem it is. */
export function verdictOf(parts: PartHealth[]): Verdict {
  const works = new Set(parts.filter(({ state }) => state === "ok").map(({ name }) => name));
  const silent = parts.filter((part) => isOwn(part) && part.state !== "ok");
  const ours = silent.filter(({ name }) => !works.has(name));
  const theirs = parts.filter((part) => !isOwn(part) && part.state === "unreachable");
  const away = new Set(theirs.filter(({ name }) => name === "cluster").map((one) => one.instance));
  const isUnclear = (part: PartHealth) =>
    !isOwn(part) &&
    (part.state === "late" || (part.state === "unknown" && part.name !== "prometheus")) &&
    !away.has(part.instance);
  return {
    ours,
    theirs,
    // Who does not work himself hears nothing of others.
    unclear: ours.length > 0 ? [] : parts.filter(isUnclear),
    missed: silent.filter(({ name }) => works.has(name)),
  };
}

/** Return one part of one cluster; nothing before the platform knows the cluster. */
export function partOf(
  parts: PartHealth[],
  name: PartName,
  cluster: string,
): PartHealth | undefined {
  return parts.find((part) => part.name === name && part.instance === cluster);
}
