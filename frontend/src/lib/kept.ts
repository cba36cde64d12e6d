import { useSyncExternalStore } from "react";

/** A place of the dashboard: where it is, and what it was called when somebody was there. */
export interface Place {
  href: string;
  title: string;
}

/** What somebody keeps in this browser. */
export interface Kept {
  /** Where they were, the last first. */
  recents: Place[];
  favourites: Place[];
  /** Filters of lists under names of their own; a view's address says of which list. */
  views: Place[];
  /** Whether single keys do something. */
  hasKeys: boolean;
}

export const MOST_RECENTS = 12;
const NOTHING: Kept = { recents: [], favourites: [], views: [], hasKeys: true };
const listeners = new Set<() => void>();
let key = "slipway.kept";
let current = NOTHING;

/** Read what was kept; what is not of its form counts as nothing. */
export function parseKept(text: string | null): Kept {
  let found: unknown;
  try {
    found = JSON.parse(text ?? "");
  } catch {
    return NOTHING;
  }
  if (typeof found !== "object" || found === null) return NOTHING;
  const { recents, favourites, views, hasKeys } = found as Record<string, unknown>;
  return {
    recents: placesIn(recents),
    favourites: placesIn(favourites),
    views: placesIn(views),
    hasKeys: hasKeys !== false,
  };
}

function placesIn(value: unknown): Place[] {
  return Array.isArray(value) ? value.filter(isPlace) : [];
}

/** What is kept may have been written by anybody: only addresses of this dashboard are followed. */
function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  const { href, title } = value as Record<string, unknown>;
  return typeof title === "string" && typeof href === "string" && /^\/(?![/\\])/.test(href);
}

/** Put a place first, once. */
export function visited(recents: Place[], place: Place): Place[] {
  return [place, ...without(recents, place.href)].slice(0, MOST_RECENTS);
}

export function without(places: Place[], href: string): Place[] {
  return places.filter((one) => one.href !== href);
}

/** Name a view of a list; a name that the list has already is given to this one. */
export function named(views: Place[], view: Place): Place[] {
  const isSame = (one: Place) => one.title === view.title && pathOf(one) === pathOf(view);
  return [...views.filter((one) => !isSame(one)), view];
}

export function pathOf({ href }: Place): string {
  return href.split("?")[0] ?? href;
}

/** Return where a page is kept: its filters are not, but which of its tabs is shown. */
export function keptHref(pathname: string, tab: string | null | undefined): string {
  return tab ? `${pathname}?${new URLSearchParams({ tab })}` : pathname;
}

/** What is stored; undefined where nothing is, or the browser refuses. */
function stored(): Kept | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : parseKept(text);
  } catch {
    return undefined;
  }
}

/** Everybody who signs in here keeps their own. */
export function keepFor(username: string): void {
  key = `slipway.kept.${username}`;
  current = stored() ?? parseKept(null);
  tell();
}

export function keep(change: Partial<Kept>): void {
  // Another tab may have kept something since.
  current = { ...(stored() ?? current), ...change };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // A browser that is full, or keeps nothing, still knows it until the page is left.
  }
  tell();
}

export function kept(): Kept {
  return current;
}

export function useKept(): Kept {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, kept);
}

function tell(): void {
  for (const listener of listeners) listener();
}
