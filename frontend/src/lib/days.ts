/** Years of three digits are typed on the way to one of four. */
const DAY = /^[1-9]\d{3}-\d{2}-\d{2}$/;

/** Tell whether a text is a day that can be asked for. */
export function isDay(text: string): boolean {
  return beginOf(text) !== undefined;
}

/** Return when a day begins where the reader is, for the API; undefined for what is no day. */
export function beginOf(day: string | undefined): string | undefined {
  return momentOf(day, 0);
}

/** Return when a day is over where the reader is. */
export function endOf(day: string | undefined): string | undefined {
  return momentOf(day, 1);
}

function momentOf(day: string | undefined, later: number): string | undefined {
  if (!day || !DAY.test(day)) return undefined;
  const moment = new Date(`${day}T00:00`);
  if (Number.isNaN(moment.getTime())) return undefined;
  // Not 24 hours: where clocks are changed, a day may be longer or shorter.
  moment.setDate(moment.getDate() + later);
  return moment.toISOString();
}
