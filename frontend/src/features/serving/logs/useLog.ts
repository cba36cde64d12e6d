import { useEffect, useState } from "react";
import { type LogEntry, openLog } from "./logStream";

/** More lines than a person reads; the oldest go first. */
export const MOST_LINES = 10_000;

/** A line with its number in the order in which it was read. */
export interface Numbered extends LogEntry {
  number: number;
}

interface Log {
  entries: Numbered[];
  state: "loading" | "following" | "ended" | "failed";
  error: unknown;
}

const EMPTY: Log = { entries: [], state: "loading", error: undefined };

/** Read a log for as long as somebody looks at it; `attempt` reads it anew. */
export function useLog(url: string | null, attempt = 0): Log {
  const [log, setLog] = useState(EMPTY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt reads the same URL again
  useEffect(() => {
    setLog(EMPTY);
    if (!url) return;
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      let number = 0;
      for await (const more of openLog(url, stop.signal)) {
        if (stop.signal.aborted) return;
        const numbered = more.map((entry) => ({ ...entry, number: number++ }));
        setLog(({ entries }) => ({
          entries: [...entries, ...numbered].slice(-MOST_LINES),
          state: "following",
          error: undefined,
        }));
      }
      if (!stop.signal.aborted) setLog((before) => ({ ...before, state: "ended" }));
    };
    read().catch((error: unknown) => {
      if (!stop.signal.aborted) setLog((before) => ({ ...before, state: "failed", error }));
    });
    return () => stop.abort();
  }, [url, attempt]);
  return log;
}
