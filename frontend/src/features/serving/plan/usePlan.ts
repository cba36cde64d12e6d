import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { answerOf, client, type Schemas } from "@/api/client";
import type { Repeatable } from "@/api/repeatable";
import { useSettled } from "@/lib/useSettled";
import type { ServicePath, StartedRollout } from "../types";

export type Plan = Schemas["Plan"];

const SERVICE = "/api/v1/projects/{project}/environments/{environment}/services/{service}";

const ADDRESS = {
  roll_back: `${SERVICE}/rollback`,
  scale: `${SERVICE}/scale`,
  restart: `${SERVICE}/restart`,
  decommission: `${SERVICE}/decommission`,
  restore: `${SERVICE}/restore`,
  take_over: `${SERVICE}/take-over`,
  retry: "/api/v1/rollouts/{rollout}/retry",
} as const;

/** What is planned before it is started, as the API's actions call it. */
export type PlannedVerb = keyof typeof ADDRESS;

/** What a change is of: a service, or a rollout that is tried again. */
export type PlannedPath = ServicePath | { rollout: string };

/** What a change is asked for with, besides why; each address knows its own part of it. */
export type Wanted = Partial<
  Omit<Schemas["RollbackRequest"] & Schemas["ScaleRequest"], "dry_run" | "plan" | "reason">
>;

/** Long enough to type a number, short enough to wait for. */
const PAUSE_MS = 300;

/**
 * Ask what would be done, without doing it; nothing is asked until it is known what is wanted. A
 * plan that is read does not change underneath.
 */
export function usePlan(verb: PlannedVerb, path: PlannedPath, wanted: Wanted | undefined) {
  const id = useId();
  const [attempt, setAttempt] = useState(0);
  // Null, as what is settled is compared as JSON.
  const asked = useSettled(wanted ?? null, PAUSE_MS);
  const query = useQuery({
    queryKey: ["plan", id, verb, attempt, asked],
    queryFn: () =>
      post(verb, path, { ...asked, dry_run: true, plan: "", reason: "" }) as Promise<Plan>,
    gcTime: 0,
    retry: false,
    enabled: ({ state }) => asked !== null && state.data === undefined,
    placeholderData: keepPreviousData,
    // A refusal stays until something else is wanted.
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  const isSettled = JSON.stringify(wanted ?? null) === JSON.stringify(asked);
  // Only a plan of just what is wanted now can be started.
  const plan = isSettled && !query.isPlaceholderData ? query.data : undefined;
  return { query, plan, isAnew: attempt > 0, planAnew: () => setAttempt(attempt + 1) };
}

interface Planned {
  wanted: Wanted;
  plan: Plan;
  reason: string;
}

/** Start just what a plan says. */
export function startPlanned(
  verb: PlannedVerb,
  path: PlannedPath,
  { wanted, plan, reason }: Planned,
  headers: Repeatable,
): Promise<StartedRollout> {
  const body = { ...wanted, dry_run: false, plan: plan.plan, reason };
  return post(verb, path, body, headers) as Promise<StartedRollout>;
}

function post(
  verb: PlannedVerb,
  path: PlannedPath,
  body: Wanted & Schemas["StartRequest"],
  headers?: Repeatable,
): Promise<Plan | StartedRollout> {
  return client
    .POST(ADDRESS[verb], {
      // Each address takes its own part of it, which types cannot follow through the table.
      params: { path: path as ServicePath & { rollout: string } },
      body: body as Schemas["ScaleRequest"],
      ...(headers && { headers }),
    })
    .then(answerOf);
}
