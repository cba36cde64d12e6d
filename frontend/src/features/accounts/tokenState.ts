import { api, type Schemas } from "@/api/client";
import { byCursor } from "@/ui/List";

export type Token = Schemas["Token"];
export type TokenState = "active" | "expiring" | "expired" | "revoked";

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

/** How long a token may live, in days; the API's limit is a year. */
export const LIFETIMES_DAYS = [7, 30, 90, 180, 365];
export const DEFAULT_LIFETIME_DAYS = 90;

export function useTokens(project: string, enabled: boolean) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/tokens",
    { params: { path: { project } } },
    { ...byCursor, enabled },
  );
}

/** Say whether a token works, and for how much longer. */
export function tokenStateOf(
  { expires_at: expires, revoked_at: revoked }: Pick<Token, "expires_at" | "revoked_at">,
  now: number,
): TokenState {
  if (revoked) return "revoked";
  if (!expires) return "active";
  const left = Date.parse(expires) - now;
  if (left <= 0) return "expired";
  return left < SOON_DAYS * DAY_MS ? "expiring" : "active";
}

/** Return the time some days from now, as the API takes it. */
export function inDays(days: number, now: number): string {
  return new Date(now + days * DAY_MS).toISOString();
}
