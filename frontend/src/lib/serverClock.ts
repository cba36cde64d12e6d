/** A difference below this is the way of an answer, not a wrong clock. */
const LEAST_MS = 30_000;

let behindMs = 0;

/** Note when the server says that it answered; a browser's clock may be wrong by hours. */
export function hearTime(date: string | null): void {
  const difference = Date.parse(date ?? "") - Date.now();
  if (Number.isNaN(difference)) return;
  behindMs = Math.abs(difference) < LEAST_MS ? 0 : difference;
}

/** The time by the server's clock, as far as it was heard. */
export function serverNow(): number {
  return Date.now() + behindMs;
}
