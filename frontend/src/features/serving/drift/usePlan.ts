import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { answerOf, client, type Schemas } from "@/api/client";
import type { Repeatable } from "@/api/repeatable";
import type { ServicePath, StartedRollout } from "../types";
import type { Plan } from "./drift";

/** What can be done about drift, as the API's actions call it. */
export type Resolution = "restore" | "take_over";

const ADDRESS = {
  restore: "/api/v1/projects/{project}/environments/{environment}/services/{service}/restore",
  take_over: "/api/v1/projects/{project}/environments/{environment}/services/{service}/take-over",
} as const;

/** Ask what would be done, without doing it. A plan that is read does not change underneath. */
export function usePlan(verb: Resolution, path: ServicePath) {
  const id = useId();
  const [attempt, setAttempt] = useState(0);
  const query = useQuery({
    queryKey: ["plan", id, attempt],
    queryFn: () => post(verb, path, { dry_run: true, plan: "", reason: "" }) as Promise<Plan>,
    gcTime: 0,
    retry: false,
    enabled: ({ state }) => state.data === undefined,
  });
  return { query, isAnew: attempt > 0, planAnew: () => setAttempt(attempt + 1) };
}

interface Wanted {
  plan: Plan;
  reason: string;
}

/** Start just what a plan says. */
export function startPlanned(
  verb: Resolution,
  path: ServicePath,
  { plan, reason }: Wanted,
  headers: Repeatable,
): Promise<StartedRollout> {
  const body = { dry_run: false, plan: plan.plan, reason };
  return post(verb, path, body, headers) as Promise<StartedRollout>;
}

function post(
  verb: Resolution,
  path: ServicePath,
  body: Schemas["ResolveRequest"],
  headers?: Repeatable,
): Promise<Plan | StartedRollout> {
  return client
    .POST(ADDRESS[verb], { params: { path }, body, ...(headers && { headers }) })
    .then(answerOf);
}
