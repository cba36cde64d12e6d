import { api } from "@/api/client";

export const WINDOWS = ["1h", "24h", "7d"] as const;
export type Window = (typeof WINDOWS)[number];

/** The window that an address names; the shortest where it names none. */
export function windowOf(text: string | undefined): Window {
  return WINDOWS.find((one) => one === text) ?? "1h";
}

/** The resource summary of a project; the router asks for it while the page's code is loading. */
export function summaryOf(project: string, window: Window) {
  return api.queryOptions("get", "/api/v1/projects/{project}/summary", {
    params: { path: { project }, query: { window } },
  });
}
