import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import { client } from "./client";
import type { paths } from "./schema";
import type { ObjectKind } from "./shows";
import type { StreamChange } from "./stream";

/** What the rows are of lists that can be asked for one of them, as `?id=`. */
const ROWS: Partial<Record<keyof paths, ObjectKind>> = {
  "/api/v1/projects/{project}/services": "service",
  "/api/v1/projects/{project}/environments/{environment}/services": "service",
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollouts": "rollout",
  "/api/v1/rollouts": "rollout",
};

type Row = Record<string, unknown> & { id: string };
type Pages = InfiniteData<{ results: Row[] }>;
/** A query of the typed client for a list; where the list is stays as it is. */
type Key = [string, keyof paths, { params?: { query?: Record<string, unknown> } }?];

function rowsOf(query: Query): Row[] {
  return (query.state.data as Pages | undefined)?.pages?.flatMap((page) => page.results) ?? [];
}

/** Return the id of the one row of a list that changed; undefined if more did, or what it lacks. */
export function changedRow(query: Query, changes: StreamChange[]): string | undefined {
  const [first, ...others] = new Set(changes.map(({ object, id }) => `${object} ${id}`));
  const kind = ROWS[(query.queryKey as unknown as Key)[1]];
  if (!kind || others.length > 0 || !query.isActive()) return undefined;
  return rowsOf(query).find(({ id }) => `${kind} ${id}` === first)?.id;
}

/** Ask for one row of a list, and put it where it was; false if the list has to be fetched. */
export async function replaceRow(queries: QueryClient, query: Query, id: string): Promise<boolean> {
  const [, path, init] = query.queryKey as unknown as Key;
  const { dataUpdatedAt } = query.state;
  const asked = { ...init?.params?.query, id };
  const params = { ...init?.params, query: asked };
  const answer = await client.GET(path as "/api/v1/rollouts", { params }).catch(() => undefined);
  const row = answer?.data?.results[0] as Row | undefined;
  const before = rowsOf(query).find((one) => one.id === id);
  // What was fetched meanwhile may be newer.
  const isOvertaken = query.state.dataUpdatedAt !== dataUpdatedAt || isFetching(query);
  if (!row || !before || isOvertaken || isElsewhere(before, row, asked)) return false;
  queries.setQueryData<Pages>(query.queryKey, (data) => data && withRow(data, row));
  return true;
}

function isFetching({ state }: Query): boolean {
  return state.fetchStatus === "fetching";
}

/** Return whether a row may have another place in its list than before. */
function isElsewhere(before: Row, after: Row, asked: Record<string, unknown>): boolean {
  const terms = String(asked.ordering ?? "").split(",");
  return terms
    .map((term) => term.replace(/^-/, ""))
    .some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function withRow(data: Pages, row: Row): Pages {
  const pages = data.pages.map((page) => ({
    ...page,
    results: page.results.map((one) => (one.id === row.id ? row : one)),
  }));
  return { ...data, pages };
}
