import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { answerOf, client, type Schemas } from "@/api/client";
import { useRepeatable } from "@/api/repeatable";
import type { ServicePath, StartedRollout } from "../types";

export interface Wanted {
  path: ServicePath;
  /** The service, where it has to be created first. */
  create?: Schemas["ServiceCreateRequest"];
  rollout: Omit<Schemas["RolloutStartRequest"], "dry_run" | "plan">;
}

/**
 * Create a service where it has to be, start its rollout, and go to watch it.
 *
 * These are two requests, and the second may be refused when the first was carried out. Then
 * `created` is the service that exists now, and `onCreated` is called: the next try only rolls out.
 */
export function useStart(onCreated: (service: string) => void) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [createOnce, startOnce] = [useRepeatable(), useRepeatable()];
  const [created, setCreated] = useState<string>();

  const create = ({ path, create: body }: Wanted) =>
    body &&
    createOnce([path, body], (headers) =>
      client.POST("/api/v1/projects/{project}/environments/{environment}/services", {
        params: { path },
        body,
        headers,
      }),
    );
  const start = ({ path, rollout: body }: Wanted) =>
    startOnce([path, body], (headers) =>
      client
        .POST("/api/v1/projects/{project}/environments/{environment}/services/{service}/rollouts", {
          params: { path },
          body: { ...body, dry_run: false, plan: "" },
          headers,
        })
        .then((answer) => answerOf(answer) as StartedRollout),
    );

  const starting = useMutation({
    onMutate: () => setCreated(undefined),
    mutationFn: async (wanted: Wanted) => {
      await create(wanted);
      try {
        return await start(wanted);
      } catch (error) {
        if (wanted.create) {
          setCreated(wanted.path.service);
          onCreated(wanted.path.service);
        }
        throw error;
      }
    },
    onSettled: () => void queries.invalidateQueries(),
    onSuccess: ({ id }) => void navigate({ to: "/rollouts/$rollout", params: { rollout: id } }),
  });
  return { starting, created };
}
