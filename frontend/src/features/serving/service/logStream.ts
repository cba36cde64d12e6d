import { problemOf } from "@/api/problem";
import type { ServicePath } from "../types";

/** Which lines of which container are wanted. */
export interface LogQuery {
  pod: string;
  container?: string | undefined;
  tail: number;
  previous: boolean;
  follow: boolean;
}

/** Return where the API serves a log. */
export function logUrl({ project, environment, service }: ServicePath, query: LogQuery): string {
  const place = `/api/v1/projects/${project}/environments/${environment}/services/${service}/logs`;
  const search = new URLSearchParams({ pod: query.pod, tail: String(query.tail) });
  if (query.container) search.set("container", query.container);
  if (query.previous) search.set("previous", "true");
  if (query.follow) search.set("follow", "true");
  return `${place}?${search}`;
}

/** Yield a log's lines as they come, many at once when they come so; the last may have no end. */
export async function* readLines(stream: AsyncIterable<string>): AsyncGenerator<string[]> {
  let rest = "";
  for await (const text of stream) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length) yield lines;
  }
  if (rest) yield [rest];
}

/** Open a log. Throws the Problem with which the API refuses. */
export async function* openLog(url: string, signal: AbortSignal): AsyncGenerator<string[]> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw await problemOf(response);
  if (!response.body) return;
  // It is open, even if nothing was ever written.
  yield [];
  yield* readLines(chunksOf(response.body.pipeThrough(new TextDecoderStream())));
}

/** Safari's streams cannot be iterated. */
async function* chunksOf(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
