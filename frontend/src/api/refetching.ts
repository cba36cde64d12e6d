import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { floorOf, isKnown, SHOWS } from "./shows";
import type { StreamChange } from "./stream";

/** Where a query says whose it is. */
type Params = Partial<Record<"path" | "query", { project?: string }>>;

/** Return whether a query of the typed client may show something of what changed. */
export function isAffected(queryKey: QueryKey, change: StreamChange): boolean {
  const [, path, init] = queryKey as [string, string?, { params?: Params }?];
  if (typeof path !== "string") return false;
  const project = init?.params?.path?.project ?? init?.params?.query?.project;
  if (change.project && project && project !== change.project) return false;
  // What a newer server has may show anywhere.
  if (!isKnown(change.object)) return true;
  return SHOWS[path as keyof typeof SHOWS]?.includes(change.object) ?? false;
}

/** Return how long a query has to rest yet before it is fetched again. */
function restOf({ state }: Query, floorMs: number): number {
  // What is under way may have been read before the change, and is not begun again all the time.
  if (state.fetchStatus === "fetching") return floorMs;
  const rest = Math.max(state.dataUpdatedAt, state.errorUpdatedAt) + floorMs - Date.now();
  // A clock may have been set back.
  return Math.min(rest, floorMs);
}

/** Fetches again what shows something of a change, each query at its pace; the last change counts. */
export class Refetching {
  private readonly due = new Map<string, { at: number; timer: ReturnType<typeof setTimeout> }>();

  constructor(private readonly queries: QueryClient) {}

  hear(changes: StreamChange[]): void {
    for (const query of this.queries.getQueryCache().getAll()) {
      const { queryKey } = query;
      const kinds = changes.filter((change) => isAffected(queryKey, change)).map((c) => c.object);
      if (kinds.length === 0) continue;
      this.refetch(query, Math.min(...kinds.map((kind) => floorOf(String(queryKey[1]), kind))));
    }
  }

  /** Forget what is due: the page goes, or fetches everything. */
  stop(): void {
    for (const { timer } of this.due.values()) clearTimeout(timer);
    this.due.clear();
  }

  private refetch(query: Query, floorMs: number): void {
    const { queryHash, queryKey } = query;
    const rest = restOf(query, floorMs);
    const at = Date.now() + rest;
    const due = this.due.get(queryHash);
    if (due && due.at <= at) return;
    clearTimeout(due?.timer);
    this.due.delete(queryHash);
    if (rest <= 0) void this.queries.invalidateQueries({ queryKey, exact: true });
    else {
      const again = () => {
        this.due.delete(queryHash);
        this.refetch(query, floorMs);
      };
      this.due.set(queryHash, { at, timer: setTimeout(again, rest) });
    }
  }
}
