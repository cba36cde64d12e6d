/** Where `g` and a key go. */
export const GOES = {
  h: "/",
  p: "/projects",
  r: "/rollouts",
  f: "/fleet",
  l: "/platform",
} as const;

export type Go = keyof typeof GOES;
/** What a key asks for; `after` waits for the key that says where to go. */
export type Heard = "find" | "filter" | "keys" | "after" | Go | undefined;

/** How long `g` waits. */
export const AFTER_MS = 1500;
const WRITTEN_IN = "input, textarea, select, [contenteditable]";
const FIELDS = `${WRITTEN_IN}, [role='combobox'], [role='dialog']`;

/** Say what a key asks for. In a field, in a dialog and with a modifier, keys mean what they say. */
export function heard(event: KeyboardEvent, isAfter: boolean): Heard {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.altKey) return undefined;
  if (event.ctrlKey !== event.metaKey)
    return event.key.toLowerCase() === "k" && !event.shiftKey ? "find" : undefined;
  if (event.ctrlKey || (event.target instanceof Element && event.target.closest(FIELDS)))
    return undefined;
  // On many keyboards these two need Shift.
  if (event.key === "?") return "keys";
  if (event.key === "/") return "filter";
  if (event.shiftKey) return undefined;
  if (isAfter && Object.hasOwn(GOES, event.key)) return event.key as Go;
  return event.key === "g" ? "after" : undefined;
}

/** Return whether a key works only where single keys do. */
export function isSingle(command: Heard): boolean {
  return command !== "find";
}

/** Return whether a key writes a letter, and no field is there to take it. */
export function isLetter(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return false;
  return !(event.target instanceof Element && event.target.closest(WRITTEN_IN));
}
