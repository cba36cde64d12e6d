import { api } from "./client";

/** All clusters, asked for once by whatever names some of them; few fleets have more than a page. */
export const CLUSTERS = api.queryOptions("get", "/api/v1/clusters", {
  params: { query: { limit: 200 } },
});
