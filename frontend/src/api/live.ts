import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { comeBack, onComeBack } from "./requests";
import { KINDS, type Kind, SHOWS } from "./shows";
import { type Change, GOODBYE, SharedStream, type Word } from "./stream";

export type LiveState = "live" | "connecting" | "polling" | "silent";

/** How long a stream may be silent at its opening before pages poll. */
const PATIENCE_MS = 5_000;
/** How often pages ask while the stream is blocked. */
export const POLLING_MS = 5_000;

type QueryKey = readonly unknown[];

/** Where a query says whose it is. */
type Params = Partial<Record<"path" | "query", { project?: string }>>;

/** Tell whether a query of the typed client may show something of what changed. */
export function isAffected(queryKey: QueryKey, change: Change): boolean {
  const [, path, init] = queryKey as [string, string?, { params?: Params }?];
  if (typeof path !== "string") return false;
  const project = init?.params?.path?.project ?? init?.params?.query?.project;
  if (change.project && project && project !== change.project) return false;
  // What a newer server has may show anywhere.
  if (!isKnown(change.object)) return true;
  return SHOWS[path as keyof typeof SHOWS]?.includes(change.object) ?? false;
}

function isKnown(object: string): object is Kind {
  return (KINDS as readonly string[]).includes(object);
}

let state: Exclude<LiveState, "silent"> = "connecting";
const listeners = new Set<() => void>();

function become(next: typeof state): void {
  state = next;
  for (const listener of listeners) listener();
}

/** How fresh the page can be; a stream is no life while what is asked for does not come back. */
export function liveState(): LiveState {
  return comeBack() ? state : "silent";
}

/** Look at that, and again when it changes. */
export function useLiveState(): LiveState {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    const forget = onComeBack(listener);
    return () => {
      listeners.delete(listener);
      forget();
    };
  }, liveState);
}

/** Return how often queries ask by themselves: rarely while the page is live. */
export function refetchInterval(): number {
  return ["polling", "silent"].includes(liveState()) ? POLLING_MS : 60_000;
}

/** Reach the stream that all pages of this browser share, or one of our own where there is none. */
export function reach(): MessagePort {
  if ("SharedWorker" in window) {
    // In one expression, by which the bundler knows a worker.
    return new SharedWorker(new URL("./stream.worker.ts", import.meta.url), { type: "module" })
      .port;
  }
  const { port1, port2 } = new MessageChannel();
  new SharedStream().join(port2);
  return port1;
}

/** Fetch again what shows something of what changed. */
function refetch(queries: QueryClient, changes: Change[]): void {
  void queries.invalidateQueries({
    predicate: (query) => changes.some((change) => isAffected(query.queryKey, change)),
  });
}

/** Hear of changes while the page is shown; they invalidate queries. Returns how to stop. */
export function listen(queries: QueryClient, open: () => MessagePort = reach): () => void {
  let port: MessagePort | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  // Pages ask now, and from now on more often.
  const poll = (): void => {
    if (state === "polling") return;
    become("polling");
    void queries.invalidateQueries();
  };
  const hear = (word: Word): void => {
    clearTimeout(patience);
    if (word.is === "changed") refetch(queries, word.changes);
    else if (word.is === "lost") poll();
    // What was missed while nobody listened is fetched once.
    else if (word.is === "missed" || state === "polling") void queries.invalidateQueries();
    if (word.is === "open") become("live");
  };
  const join = (): void => {
    port = open();
    port.onmessage = ({ data }: MessageEvent<Word>) => hear(data);
    patience = setTimeout(poll, PATIENCE_MS);
  };
  const leave = (): void => {
    clearTimeout(patience);
    port?.postMessage(GOODBYE);
    port?.close();
    port = undefined;
  };
  // The browser keeps a page that was left, and shows it again as it was.
  const show = ({ persisted }: PageTransitionEvent): void => {
    if (!persisted) return;
    become("connecting");
    join();
    void queries.invalidateQueries();
  };
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", show);
  become("connecting");
  join();
  return () => {
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", show);
    leave();
  };
}
