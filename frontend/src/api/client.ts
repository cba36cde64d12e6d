import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { hearTime } from "@/lib/serverClock";
import { problemOf } from "./problem";
import { clock } from "./requests";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Return the token that proves that a request comes from our own page. */
export function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

const guard: Middleware = {
  onRequest({ request }) {
    // The server's sentences are in the language of the page, which need not be the browser's.
    request.headers.set("Accept-Language", document.documentElement.lang);
    if (!SAFE.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
  async onResponse({ response }) {
    hearTime(response.headers.get("Date"));
    if (!response.ok) throw await problemOf(response);
  },
};

export const client = createFetchClient<paths>({ baseUrl: window.location.origin });
// The last one is the first to see an answer, before it becomes a problem.
client.use(guard, clock);

/** Typed queries and mutations: `api.useQuery("get", "/api/v1/projects")`. */
export const api = createQueryClient(client);

/** Return the body of an answer; what was refused has thrown before. */
export function answerOf<Answer>({ data }: { data?: Answer }): Answer {
  return data as Answer;
}
