import type { Clock } from "./types";

/** Return how long a rollout took, or has taken until now. */
export function tookSeconds(clock: Clock, now: number): number {
  const end = clock.finished_at ? Date.parse(clock.finished_at) : now;
  return Math.max(0, (end - Date.parse(clock.requested_at)) / 1000);
}
