import { api, type Schemas } from "@/api/client";

export const WINDOWS = ["1h", "24h", "7d", "30d"] as const;
export type Window = (typeof WINDOWS)[number];
export type Rank = Schemas["Ranking"]["rank"];

/** How many services are shown at first, and with each request for more. */
export const STEP = 25;

/** What an address says of a summary. */
export interface SummarySearch {
  window?: string;
  /** When a window of one's own begins and ends. */
  from?: string;
  to?: string;
  compare?: string;
  environment?: string;
  resource?: string;
  rank?: string;
}

/** The window that an address names; the shortest where it names none. */
export function windowOf(text: string | undefined): Window {
  return WINDOWS.find((one) => one === text) ?? "1h";
}

/** What is asked of the API for a window of one's own; undefined where the address names none. */
export function ownWindowOf({ from, to }: SummarySearch) {
  const [since, until] = [Date.parse(from ?? ""), Date.parse(to ?? "")];
  const minutes = Math.round((until - since) / 60_000);
  // As much as the API answers.
  if (!(minutes >= 5 && minutes <= 90 * 24 * 60)) return undefined;
  return { window: `${minutes}m`, until: new Date(until).toISOString() };
}

/** The environments over the period before one that ended at a time, as long as that. */
export function periodBefore(project: string, until: string, seconds: number) {
  // To the minute, so that a page that looks again does not ask for another period each time.
  const end = new Date(Math.floor(Date.parse(until) / 60_000) * 60_000 - seconds * 1000);
  const query = { window: `${seconds}s`, until: end.toISOString(), limit: 1 };
  return api.queryOptions("get", "/api/v1/projects/{project}/summary", {
    params: { path: { project }, query },
  });
}

/** What an address ranks services by. */
export function rankOf(text: string | undefined): Rank {
  return text === "idle" ? "idle" : "requested";
}

/** The resource summary of a project; the router asks for it while the page's code is loading. */
export function summaryOf(project: string, search: SummarySearch, limit = STEP) {
  const { environment, resource } = search;
  const own = ownWindowOf(search);
  const asked = {
    ...(own ?? { window: windowOf(search.window) }),
    rank: rankOf(search.rank),
    limit,
  };
  return api.queryOptions("get", "/api/v1/projects/{project}/summary", {
    params: { path: { project }, query: { ...asked, environment, resource } },
  });
}
