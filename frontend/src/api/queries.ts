import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { liveState, refetchInterval } from "./live";
import { asProblem } from "./problem";

/** Make the cache of what the server said; `onSignedOut` is called when the session has ended. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown): void => {
    if (asProblem(error).status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchInterval,
        // Whoever comes back to a page that is live has missed nothing.
        refetchOnWindowFocus: () => liveState() !== "live",
        // A refusal stays one; only silence is worth asking again.
        retry: (failures, error) =>
          failures < 2 && [0, 502, 503, 504].includes(asProblem(error).status),
      },
      mutations: { retry: false },
    },
  });
}
