import { QueryClient } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";

/** A cache that knows what a test says, and asks nobody for the rest. */
export function makeKnown(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { enabled: false, retry: false } } });
}

/** Say what the reader may do in a project; without permissions that is not known yet. */
export function readerOf(project: string, permissions?: string[]): QueryClient {
  const queries = makeKnown();
  const { queryKey } = api.queryOptions("get", "/api/v1/projects/{project}", {
    params: { path: { project } },
  });
  if (permissions)
    queries.setQueryData(queryKey, { permissions } as Schemas["ProjectOverviewDetail"]);
  return queries;
}
