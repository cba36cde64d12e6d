/** Kubernetes quantities, as numbers and for people. */

const SUFFIXES: Record<string, number> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?[0-9]+(?:\.[0-9]*)?|[+-]?\.[0-9]+)(?:([eE][+-]?[0-9]+)|([a-zA-Z]{0,2}))$/;

/** Read a quantity: cores, bytes or devices; NaN when it is none. */
export function parseQuantity(text: string): number {
  const [, digits, exponent, suffix = ""] = QUANTITY.exec(text.trim()) ?? [];
  if (digits === undefined) return Number.NaN;
  if (exponent) return Number(digits + exponent);
  return Number(digits) * (SUFFIXES[suffix] ?? Number.NaN);
}

const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** What would be written as 1,024 of a unit is 1 of the next. */
const ROUNDS_UP = 1024 / 1023.5;

const COMPACT_FROM = 1e6;
const SMALLEST = 0.001;

function shortNumber(value: number, language: string): string {
  const size = Math.abs(value);
  // A little is not nothing.
  if (size > 0 && size < SMALLEST) return `<${SMALLEST}`;
  const notation = size >= COMPACT_FROM ? "compact" : "standard";
  const digits = size < 0.1 ? 3 : size < 10 || notation === "compact" ? 2 : size < 100 ? 1 : 0;
  return writer(language, notation, digits).format(value);
}

/** To make a writer takes longer than a table of numbers takes to write. */
const writers = new Map<string, Intl.NumberFormat>();

function writer(language: string, notation: "compact" | "standard", digits: number) {
  const key = `${language} ${notation} ${digits}`;
  const made =
    writers.get(key) ??
    new Intl.NumberFormat(language, { notation, maximumFractionDigits: digits });
  writers.set(key, made);
  return made;
}

/** Write bytes with the unit in which they are short. */
export function formatBytes(bytes: number, language = "en"): string {
  if (bytes === 0) return "0";
  const size = Math.abs(bytes) * ROUNDS_UP;
  const power = Math.min(Math.floor(Math.log2(size) / 10), BINARY.length - 1);
  const unit = BINARY[Math.max(power, 0)];
  return `${shortNumber(bytes / 2 ** (10 * Math.max(power, 0)), language)} ${unit}`;
}

/** Write an amount of a resource: cores, bytes or devices. */
export function formatAmount(resource: string, amount: number, language = "en"): string {
  return isBytes(resource) ? formatBytes(amount, language) : shortNumber(amount, language);
}

/** Memory of a card, which nobody asks for by this name. */
export const GPU_MEMORY = "nvidia.com/gpu.memory";

/** Return whether a resource is counted in bytes; what vendors call memory is in units of theirs. */
export function isBytes(resource: string): boolean {
  if (resource.includes("/")) return resource === GPU_MEMORY;
  return /memory|storage|hugepages/.test(resource);
}

/** Return whether a resource exists in whole numbers only: cards, and all else of a vendor. */
export function isDevice(resource: string): boolean {
  return resource.includes("/") && !isBytes(resource);
}

/** Order resources as people look at them: GPUs, CPU, memory, the rest. */
export function byImportance(a: string, b: string): number {
  const rank = (name: string) =>
    isDevice(name) ? 0 : name === "cpu" ? 1 : name === "memory" ? 2 : 3;
  return rank(a) - rank(b) || a.localeCompare(b);
}
