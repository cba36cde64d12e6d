import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";
export type Language = "en" | "zh";

interface Preferences {
  theme: Theme;
  language: Language;
}

const KEY = "slipway.preferences";
const listeners = new Set<() => void>();

function stored(): Partial<Preferences> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

let current: Preferences = {
  theme: "system",
  language: navigator.language.startsWith("zh") ? "zh" : "en",
  ...stored(),
};

export function preferences(): Preferences {
  return current;
}

/** Remember a choice in this browser. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

/** Return whether the reader has chosen a language in this browser before. */
export function hasChosenLanguage(): boolean {
  return "language" in stored();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferences);
}

const wantsDark = window.matchMedia("(prefers-color-scheme: dark)");
const wantsStillness = window.matchMedia("(prefers-reduced-motion: reduce)");

function useSystem(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}

/** Return whether the page is dark now, following the system where the reader has not chosen. */
export function useIsDark(): boolean {
  const { theme } = usePreferences();
  const systemIsDark = useSystem(wantsDark);
  return theme === "system" ? systemIsDark : theme === "dark";
}

/** Return whether the reader's system asks for nothing to move that need not. */
export function useIsStill(): boolean {
  return useSystem(wantsStillness);
}
