/** Write a value as people read settings: a line each, nested by indentation, keys in order. */
export function specText(value: unknown, indent = ""): string {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${scalar(item)}\n`).join("");
  const entries = Object.entries(value as Record<string, unknown>).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return entries
    .map(([key, item]) =>
      isFilled(item)
        ? `${indent}${key}:\n${specText(item, `${indent}  `)}`
        : `${indent}${key}: ${scalar(item)}\n`,
    )
    .join("");
}

function isFilled(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Text is quoted only where its end would not be seen. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return value === "" || value !== value.trim() || value.includes("\n")
    ? JSON.stringify(value)
    : value;
}
