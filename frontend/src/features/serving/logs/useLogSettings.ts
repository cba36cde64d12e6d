import { getRouteApi } from "@tanstack/react-router";
import { LEVELS } from "./levels";
import { readFrom } from "./shownLines";

const route = getRouteApi("/app/projects/$project/environments/$environment/services/$service");

export const TAILS = [100, 500, 2_000, 10_000];
export const AGES = ["5m", "15m", "1h", "6h", "1d"] as const;
const MOST = 10_000;

/** Which settings of the page of logs an address holds. */
export type Settings = ReturnType<typeof useLogSettings>[0];
export type Change = Partial<
  Record<
    | "pod"
    | "container"
    | "tail"
    | "since"
    | "previous"
    | "follow"
    | "find"
    | "only"
    | "level"
    | "times"
    | "wrap"
    | "line",
    string | undefined
  >
>;

/** What is read of the logs and how it is shown, as the address says, and a way to change it. */
export function useLogSettings() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (changed: Change) =>
    void navigate({
      search: (before) => ({ ...before, ...changed }) as never,
      replace: true,
      resetScroll: false,
    });
  const previous = search.previous === "on";
  const tail = Number(search.tail);
  const settings = {
    pod: search.pod,
    container: search.container,
    tail: search.line ? MOST : TAILS.includes(tail) ? tail : 500,
    since: search.line ? readFrom(search.line) : search.since,
    previous,
    follow: search.follow !== "off" && !previous,
    find: search.find ?? "",
    only: search.only === "on",
    level: LEVELS.find((level) => level === search.level),
    times: search.times !== "off",
    wrap: search.wrap !== "off",
    line: search.line ?? "",
  };
  return [settings, change] as const;
}
