import { problemOf } from "@/api/problem";
import type { ServicePath } from "../types";

/** Which lines of which containers are wanted. */
export interface LogQuery {
  /** Without it, those of all pods of the service. */
  pod?: string | undefined;
  container?: string | undefined;
  tail: number;
  /** A duration, or a moment. */
  since?: string | undefined;
  previous: boolean;
  follow: boolean;
}

/** A line of a log; or, with a notice, what is said in its place. */
export interface LogEntry {
  pod: string;
  container: string;
  at: string | null;
  line?: string;
  notice?: string;
  reason?: string;
}

/** Return where the API serves a log. */
export function logUrl({ project, environment, service }: ServicePath, query: LogQuery): string {
  const place = `/api/v1/projects/${project}/environments/${environment}/services/${service}/logs`;
  const search = new URLSearchParams();
  if (query.pod) search.set("pod", query.pod);
  search.set("tail", String(query.tail));
  if (query.container) search.set("container", query.container);
  if (query.since) search.set("since", query.since);
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
export async function* openLog(url: string, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
  const response = await fetch(url, { signal, headers: { Accept: "application/x-ndjson" } });
  if (!response.ok) throw await problemOf(response);
  if (!response.body) return;
  // It is open, even if nothing was ever written.
  yield [];
  const text = chunksOf(response.body.pipeThrough(new TextDecoderStream()));
  for await (const lines of readLines(text)) {
    yield lines.map((line) => JSON.parse(line) as LogEntry);
  }
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
