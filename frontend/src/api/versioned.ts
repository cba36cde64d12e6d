import { asProblem } from "./problem";

/** What was read, and the version of it to send as `If-Match`. */
export interface Versioned<T> {
  content: T;
  etag: string;
}

/** Return the body of an answer with its version. */
export function versionedOf<T>(answer: { data?: T; response: Response }): Versioned<T> {
  return { content: answer.data as T, etag: answer.response.headers.get("ETag") ?? "*" };
}

/** Return whether a change was refused because somebody else was faster. */
export function isOutdated(error: unknown): boolean {
  return error !== null && asProblem(error).status === 412;
}
