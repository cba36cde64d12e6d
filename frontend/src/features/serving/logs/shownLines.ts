import { plain } from "../ansi";
import { LEVELS, type Level, levelOf } from "./levels";
import type { LogEntry } from "./logStream";

/** What of a log is shown. */
export interface Filter {
  /** The words that a line has to hold; empty for every line. */
  text: string;
  /** The least bad level that is shown; undefined for every line, also those that state none. */
  level?: Level | undefined;
}

/** The words of a line, or of what is said in its place. */
export function wordsOf(entry: LogEntry): string {
  return entry.notice ?? plain(entry.line ?? "");
}

/** Whether a line holds what is searched for, whatever its case. */
export function holds(entry: LogEntry, text: string): boolean {
  return wordsOf(entry).toLowerCase().includes(text.toLowerCase());
}

/** The lines that a filter lets through; what is said of the log itself always passes. */
export function filtered<Entry extends LogEntry>(entries: Entry[], filter: Filter): Entry[] {
  const { text, level } = filter;
  if (!text && !level) return entries;
  const shown = new Set(level ? LEVELS.slice(0, LEVELS.indexOf(level) + 1) : []);
  return entries.filter((entry) => {
    if (entry.notice !== undefined) return true;
    const stated = level && levelOf(wordsOf(entry));
    return (!level || (stated && shown.has(stated))) && (!text || holds(entry, text));
  });
}

/** How a line is called in an address; empty for one whose time nobody knows. */
export function nameOf({ pod, at }: LogEntry): string {
  return at ? `${at}@${pod}` : "";
}

/** A minute before a line that an address names, so that what led to it is read too. */
export function readFrom(name: string): string | undefined {
  const at = Date.parse(name.split("@")[0] ?? "");
  return Number.isNaN(at) ? undefined : new Date(at - 60_000).toISOString();
}

/** A log as a text file. */
export function asText(entries: LogEntry[], isOfMany: boolean): string {
  return entries
    .map((entry) =>
      [entry.at ?? "", isOfMany ? entry.pod : "", wordsOf(entry)].filter(Boolean).join(" "),
    )
    .map((line) => `${line}\n`)
    .join("");
}
