import { api, type Schemas } from "@/api/client";

export const WINDOWS = ["1h", "24h", "7d"] as const;
export type Window = (typeof WINDOWS)[number];
export type Rank = Schemas["Ranking"]["rank"];

/** How many services are shown at first, and with each request for more. */
export const STEP = 25;

/** What an address says of a summary. */
export interface SummarySearch {
  window?: string;
  environment?: string;
  resource?: string;
  rank?: string;
}

/** The window that an address names; the shortest where it names none. */
export function windowOf(text: string | undefined): Window {
  return WINDOWS.find((one) => one === text) ?? "1h";
}

/** What an address ranks services by. */
export function rankOf(text: string | undefined): Rank {
  return text === "idle" ? "idle" : "requested";
}

/** The resource summary of a project; the router asks for it while the page's code is loading. */
export function summaryOf(project: string, search: SummarySearch, limit = STEP) {
  const { environment, resource } = search;
  const asked = { window: windowOf(search.window), rank: rankOf(search.rank), limit };
  return api.queryOptions("get", "/api/v1/projects/{project}/summary", {
    params: { path: { project }, query: { ...asked, environment, resource } },
  });
}
