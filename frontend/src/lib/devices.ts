import table from "./devices.json";

/** What one of a resource is: a card, a part of one of its own, a place on one, or no card. */
export type DeviceKind = "whole" | "slice" | "share" | "amount";

/** The server's table; the first row that matches a whole name has it. */
const ROWS = table.map(({ pattern, kind }) => ({
  pattern: new RegExp(`^(?:${pattern})$`),
  kind: kind as DeviceKind,
}));

/** Say what one of a resource is; `undefined` for what is no device that we know. */
export function kindOf(resource: string): DeviceKind | undefined {
  return ROWS.find(({ pattern }) => pattern.test(resource))?.kind;
}

/** Return whether a resource is counted in cards: whole, in slices or in shares. */
export function isCard(resource: string): boolean {
  const kind = kindOf(resource);
  return kind !== undefined && kind !== "amount";
}
