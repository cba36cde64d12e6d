import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answerOf, client } from "@/api/client";
import { DRAFT_ANCHOR } from "../draft/draft";
import type { ServicePath, Spec } from "../types";

interface Wanted {
  path: ServicePath;
  changes: Partial<Spec>;
}

/** Keep settings for the next rollout without starting it, and go to where they are shown. */
export function useKeepDraft() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ path, changes }: Wanted) =>
      client
        .PATCH("/api/v1/projects/{project}/environments/{environment}/services/{service}", {
          params: { path },
          body: changes,
        })
        .then(answerOf),
    onSettled: () => void queries.invalidateQueries(),
    onSuccess: (_, { path }) =>
      void navigate({
        to: "/projects/$project/environments/$environment/services/$service",
        params: path,
        search: { tab: "overview" },
        hash: DRAFT_ANCHOR,
      }),
  });
}
