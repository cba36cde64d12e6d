import { api, type Schemas } from "./client";

export const ME = api.queryOptions("get", "/api/v1/me");

/** Who is signed in; the router has fetched it before any page shows. */
export function useMe(): Schemas["Me"] {
  return api.useSuspenseQuery("get", "/api/v1/me").data;
}
