/** How bad a line is, as far as it says so. */
export type Level = "error" | "warning" | "info" | "debug";

export const LEVELS: readonly Level[] = ["error", "warning", "info", "debug"];

// The words in which programs say it, however they are cut short.
const WORDS: [RegExp, Level][] = [
  [/^(?:f|fatal|crit(?:ical)?|panic|alert|emerg(?:ency)?|e|err(?:or)?|severe)$/i, "error"],
  [/^(?:w|warn(?:ing)?)$/i, "warning"],
  [/^(?:i|info(?:rmation)?|notice)$/i, "info"],
  [/^(?:d|debug|t|trace|verbose)$/i, "debug"],
];
// A field of a structured line; klog's letter before its date; a word in capitals or in brackets.
const PLACES = [
  /["']?\b(?:level|lvl|severity|levelname|log\.level)["']?\s*[:=]\s*["']?([a-z]+)/i,
  /^([IWEF])\d{4}\s/,
  /\b(FATAL|CRITICAL|CRIT|PANIC|SEVERE|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)\b/,
  /\[(fatal|crit|critical|alert|emerg|error|err|warning|warn|notice|info|debug|trace)\]/i,
];
/** A level stands at a line's beginning; what follows is what the line is about. */
const HEAD = 200;

/** The level that a line states; undefined if it states none. */
export function levelOf(line: string): Level | undefined {
  const head = line.slice(0, HEAD);
  for (const place of PLACES) {
    const word = place.exec(head)?.[1];
    const level = word && WORDS.find(([words]) => words.test(word))?.[1];
    if (level) return level;
  }
  return undefined;
}
