/** One thing that an audited change set, with what it was before and after; absent is not there. */
export interface FieldChange {
  field: string;
  before?: string;
  after?: string;
}

type State = unknown;

/** Return what differs between two states of an object, a row per value, however deep it is. */
export function changesOf(before: State, after: State): FieldChange[] {
  const old = new Map(flat(before));
  const now = new Map(flat(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((field) => rowOf(field, old.get(field), now.get(field)))
    .filter((row) => row.before !== row.after);
}

function rowOf(field: string, before?: string, after?: string): FieldChange {
  return {
    field,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  };
}

function flat(value: State, path = ""): [string, string][] {
  if (value === null || value === undefined) return path ? [[path, "null"]] : [];
  if (typeof value !== "object") return [[path, value === "" ? '""' : String(value)]];
  const entries = Object.entries(value);
  if (Array.isArray(value) || (entries.length === 0 && path))
    return [[path, JSON.stringify(value)]];
  return entries.flatMap(([key, part]) => flat(part, path ? `${path} › ${key}` : key));
}
