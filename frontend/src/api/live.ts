import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Refetching } from "./refetching";
import { comeBack, onComeBack } from "./requests";
import { GOODBYE, SharedStream, type Word } from "./stream";

export type LiveState = "live" | "connecting" | "polling" | "silent";

/** How long a stream may be silent at its opening before pages poll. */
const PATIENCE_MS = 5_000;
/** How often pages ask while the stream is blocked. */
export const POLLING_MS = 5_000;
/** How often they ask while it is not: an announcement may be lost with the process that made it. */
export const RECHECKING_MS = 60_000;

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
  return ["polling", "silent"].includes(liveState()) ? POLLING_MS : RECHECKING_MS;
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

/** Hear of changes while the page is shown; they invalidate queries. Returns how to stop. */
export function listen(queries: QueryClient, open: () => MessagePort = reach): () => void {
  const refetching = new Refetching(queries);
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
    if (word.is === "changed") refetching.hear(word.changes);
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
    refetching.stop();
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
