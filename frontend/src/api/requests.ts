import type { Middleware } from "openapi-fetch";

/** A request that has not come back by then counts as lost until it does. */
export const LATE_MS = 8_000;

const out = new Map<string, ReturnType<typeof setTimeout>>();
const late = new Set<string>();
const listeners = new Set<() => void>();
let isSilent = false;

/** Whether requests come back: refusals do, silence does not. */
export function comeBack(): boolean {
  return late.size === 0 && !isSilent;
}

/** Call `listener` whenever that may have changed. */
export function onComeBack(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

function end(id: string): void {
  clearTimeout(out.get(id));
  out.delete(id);
  late.delete(id);
}

/** Notes which requests have come back. */
export const clock: Middleware = {
  onRequest({ id }) {
    const expire = () => {
      late.add(id);
      tell();
    };
    out.set(id, setTimeout(expire, LATE_MS));
  },
  onResponse({ id }) {
    end(id);
    isSilent = false;
    tell();
  },
  onError({ id, error }) {
    end(id);
    // A page that turns away from what it asked for has not been left alone.
    if (!(error instanceof DOMException && error.name === "AbortError")) isSilent = true;
    tell();
  },
};
