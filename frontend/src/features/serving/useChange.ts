import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Attempt } from "@/api/attempt";
import { useAttempt } from "@/api/attempt";
import type { RolloutDetail } from "./types";

interface Change {
  attempt: Attempt;
  /** Options of a mutation whose answer is the rollout that it started: go and watch it. */
  options: {
    onError: (error: unknown) => void;
    onSuccess: (rollout: RolloutDetail) => void;
  };
}

/** What starting a rollout needs, whichever verb does it. */
export function useChange(): Change {
  const attempt = useAttempt();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return {
    attempt,
    options: {
      onError: attempt.onError,
      onSuccess: (rollout) => {
        void queries.invalidateQueries();
        void navigate({ to: "/rollouts/$rollout", params: { rollout: rollout.id } });
      },
    },
  };
}
