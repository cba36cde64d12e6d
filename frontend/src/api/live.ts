import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

export type LiveState = "live" | "connecting" | "polling";

/** What the server says about a change; the page fetches what it shows again. */
export interface Change {
  object: string;
  id: string;
  project: string | null;
}

const STREAM = "/api/v1/stream";
/** How long a stream may be silent at its opening before pages poll. */
const PATIENCE_MS = 5_000;
/** How often pages ask while the stream is blocked. */
export const POLLING_MS = 5_000;
/** Changes of one burst are answered by one fetch. */
const BURST_MS = 150;

/** Which paths show something of an object of this kind. */
const SHOWN_ON: Record<string, RegExp> = {
  rollout: /rollouts|services|revisions|projects|models/,
  service: /services|projects|models|fleet|rollouts/,
  environment: /environments|projects|summary/,
  project: /projects|me$/,
  model: /models/,
  node: /fleet|projects/,
  cluster: /clusters|fleet|platform|projects/,
  token: /tokens/,
  audit_event: /audit-events/,
};

type QueryKey = readonly unknown[];

/** Where a query says whose it is. */
type Params = Partial<Record<"path" | "query", { project?: string }>>;

/** Tell whether a query of the typed client may show something of what changed. */
export function isAffected(queryKey: QueryKey, change: Change): boolean {
  const [, path, init] = queryKey as [string, string?, { params?: Params }?];
  if (typeof path !== "string") return false;
  const project = init?.params?.path?.project ?? init?.params?.query?.project;
  if (change.project && project && project !== change.project) return false;
  return SHOWN_ON[change.object]?.test(path) ?? true;
}

let state: LiveState = "connecting";
const listeners = new Set<() => void>();

function become(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** How fresh the page can be: told at once, or by asking. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Return how often queries ask by themselves: rarely while the stream lives. */
export function refetchInterval(): number {
  return state === "polling" ? POLLING_MS : 60_000;
}

/** Open the one stream of this page; its messages invalidate queries. Returns how to close it. */
export function listen(queries: QueryClient): () => void {
  let pending: Change[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const settle = (): void => {
    const changes = pending;
    pending = [];
    timer = undefined;
    void queries.invalidateQueries({
      predicate: (query) => changes.some((change) => isAffected(query.queryKey, change)),
    });
  };
  // Pages ask now, and from now on more often.
  const poll = (): void => {
    if (state === "polling") return;
    become("polling");
    void queries.invalidateQueries();
  };
  const open = (): void => {
    source = new EventSource(STREAM);
    patience = setTimeout(poll, PATIENCE_MS);
    source.onopen = () => {
      clearTimeout(patience);
      // What was missed while nobody listened is fetched once.
      if (state === "polling") void queries.invalidateQueries();
      become("live");
    };
    source.onmessage = (event: MessageEvent<string>) => {
      pending.push(JSON.parse(event.data) as Change);
      timer ??= setTimeout(settle, BURST_MS);
    };
    source.addEventListener("resync", () => void queries.invalidateQueries());
    source.onerror = () => {
      clearTimeout(patience);
      poll();
      // The browser reopens a cut stream by itself, and gives up on a refused one.
      if (source?.readyState === EventSource.CLOSED) {
        clearTimeout(reopening);
        reopening = setTimeout(open, 2 * POLLING_MS);
      }
    };
  };
  become("connecting");
  open();
  return () => {
    source?.close();
    for (const one of [timer, reopening, patience]) clearTimeout(one);
  };
}
