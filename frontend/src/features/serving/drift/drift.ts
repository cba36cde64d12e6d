import type { Schemas } from "@/api/client";
import { type Aspect, aspectChanges, type Change } from "../changes/changes";

/** What can be done about drift, as the API's actions call it. */
export type Resolution = "restore" | "take_over";

export type Drift = Schemas["Drift"];

type Planned = Pick<Schemas["Plan"], "changes">;

/** A field of an object in the cluster, with what it is and what it was or becomes. */
export interface FieldDrift {
  object: string;
  /** Empty where it is about the object as a whole. */
  field: string;
  before: unknown;
  after: unknown;
  /** Who wrote it last, where that is known at all; empty where nobody knows. */
  manager?: string;
  since?: string;
}

/** Return drift as changes: from what was rolled out to what was found. */
export function driftedFields(drift: Drift[]): FieldDrift[] {
  return drift.map(({ wanted, found, ...rest }) => ({ ...rest, before: wanted, after: found }));
}

/** Return what a plan alters in the cluster. */
export function fieldsOf({ changes }: Planned): FieldDrift[] {
  return changes
    .filter(({ object }) => object !== "")
    .map(({ object, field, from, to }) => ({ object, field, before: from, after: to }));
}

/** Return what a plan alters of the service's own settings, a line per value. */
export function settingsOf({ changes }: Planned): Change[] {
  return changes
    .filter(({ object }) => object === "")
    .flatMap(({ field, from, to }) => aspectChanges(field as Aspect, from, to));
}

/** Return fields under their objects, in the order in which they came. */
export function byObject(fields: FieldDrift[]): [object: string, fields: FieldDrift[]][] {
  const groups = new Map<string, FieldDrift[]>();
  for (const field of fields) {
    const group = groups.get(field.object);
    if (group) group.push(field);
    else groups.set(field.object, [field]);
  }
  return [...groups];
}

/** Write any value in one line, as YAML would: `{name: proxy, ports: [80]}`; a text as it is. */
export function compact(value: unknown): string {
  return typeof value === "string" && value !== "" && value === value.trim() ? value : flow(value);
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value && typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(", ")}}`;
  // What would read as something else is quoted.
  return typeof value === "string" && isWord(value) ? value : JSON.stringify(value);
}

/** Return whether a text inside of a value is seen as a text, and where it ends. */
function isWord(text: string): boolean {
  return /^[^\s,"'[\]{}]+$/.test(text) && !/^(true|false|null|[-+.\d][\d.e+-]*)$/i.test(text);
}
