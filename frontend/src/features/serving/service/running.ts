import type { Rollout } from "../types";

/** Return the rollout that brought the revision that runs: the first to reach it, of those known. */
export function broughtBy(rollouts: Rollout[], revision: number | null): Rollout | undefined {
  // A scale of it later, or a return to it, is another story: what counts is who brought it last.
  const reached = rollouts.filter(
    ({ to_revision: to, from_revision: from, phase }) =>
      phase === "Succeeded" && to === revision && from !== revision,
  );
  return reached[0];
}
