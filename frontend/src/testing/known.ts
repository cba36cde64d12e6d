import { onlineManager, QueryClient } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";

/** A cache that knows what a test says, and waits for the rest as a page does without a network. */
export function makeKnown(): QueryClient {
  onlineManager.setOnline(false);
  return new QueryClient({ defaultOptions: { mutations: { networkMode: "always" } } });
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
