import { useEffect, useState } from "react";
import { openLog } from "./logStream";

/** More lines than a person reads; the oldest go first. */
export const MOST_LINES = 10_000;

interface Log {
  lines: string[];
  state: "loading" | "following" | "ended" | "failed";
  error: unknown;
}

const EMPTY: Log = { lines: [], state: "loading", error: undefined };

/** Read a log for as long as somebody looks at it; `attempt` reads it anew. */
export function useLog(url: string | null, attempt = 0): Log {
  const [log, setLog] = useState(EMPTY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt reads the same URL again
  useEffect(() => {
    setLog(EMPTY);
    if (!url) return;
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const more of openLog(url, stop.signal)) {
        if (stop.signal.aborted) return;
        setLog(({ lines }) => ({
          lines: [...lines, ...more].slice(-MOST_LINES),
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
