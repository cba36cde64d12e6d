import type { Schemas } from "@/api/client";

type Drift = Schemas["Drift"];

/** Whether it is an object that others made, which is shown and left to them. */
export function isBeside({ field, wanted }: Pick<Drift, "field" | "wanted">): boolean {
  return field === "" && wanted === null;
}

/** Return a value of an object as it is shown; undefined where there is none. */
export function valueText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}
