import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { changedRow, replaceRow } from "./rows";
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
  const rest = Math.max(state.dataUpdatedAt, state.errorUpdatedAt) + floorMs - Date.now();
  // A clock may have been set back.
  return Math.min(rest, floorMs);
}

/** When a query is fetched again, and the one row of it that changed, if it is one. */
interface Due {
  at: number;
  row: string | undefined;
  timer: ReturnType<typeof setTimeout>;
}

/** Fetches again what shows something of a change, each query at its pace; the last change counts. */
export class Refetching {
  private readonly due = new Map<string, Due>();
  /** Queries of which a row is asked for. */
  private readonly underWay = new Set<string>();

  constructor(private readonly queries: QueryClient) {}

  hear(changes: StreamChange[]): void {
    for (const query of this.queries.getQueryCache().getAll()) {
      const { queryKey } = query;
      const affecting = changes.filter((change) => isAffected(queryKey, change));
      if (affecting.length === 0) continue;
      const floors = affecting.map(({ object }) => floorOf(String(queryKey[1]), object));
      this.refetch(query, Math.min(...floors), changedRow(query, affecting));
    }
  }

  /** Forget what is due: the page goes, or fetches everything. */
  stop(): void {
    for (const { timer } of this.due.values()) clearTimeout(timer);
    this.due.clear();
  }

  private refetch(query: Query, floorMs: number, changed: string | undefined): void {
    const { queryHash, state } = query;
    // What is under way may have been read before the change, and is not begun again all the time.
    const isUnderWay = state.fetchStatus === "fetching" || this.underWay.has(queryHash);
    const rest = isUnderWay ? floorMs : restOf(query, floorMs);
    const at = Date.now() + rest;
    const due = this.due.get(queryHash);
    const row = due && due.row !== changed ? undefined : changed;
    if (due && due.at <= at) {
      due.row = row;
      return;
    }
    clearTimeout(due?.timer);
    this.due.delete(queryHash);
    if (rest <= 0) {
      void this.fetch(query, row);
      return;
    }
    const again = () => {
      this.due.delete(queryHash);
      this.refetch(query, floorMs, next.row);
    };
    const next: Due = { at, row, timer: setTimeout(again, rest) };
    this.due.set(queryHash, next);
  }

  private async fetch(query: Query, row: string | undefined): Promise<void> {
    const { queryHash, queryKey } = query;
    if (row) {
      this.underWay.add(queryHash);
      const isReplaced = await replaceRow(this.queries, query, row);
      this.underWay.delete(queryHash);
      if (isReplaced) return;
    }
    await this.queries.invalidateQueries({ queryKey, exact: true });
  }
}
