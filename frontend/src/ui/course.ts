import type { ChartSeries } from "./chartProps";

type Points = ChartSeries["points"];

/** What was requested and used at a time, in the API's plain numbers; null is not known. */
interface Measured {
  at: string;
  requested: number | null;
  used: number | null;
}

interface Options {
  /** How far apart points are; the least distance between two of them where that is not said. */
  stepMs?: number;
  laterMs?: number;
}

/** How much longer than one step two points may be apart before something is missing between. */
const TOLERANCE = 1.5;

/** Return the plain numbers' factor to cores, bytes or devices. */
export function factorOf({ unit }: { unit: string }): number {
  return unit === "millicores" ? 0.001 : 1;
}

/**
 * Put a gap where points are missing: the API leaves out what was not collected, and a line drawn
 * across would claim that it was.
 */
export function withGaps(points: Points, stepMs = leastDistance(points)): Points {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const isMissing = before && point.at - before.at > TOLERANCE * stepMs;
    return isMissing ? [{ at: before.at + stepMs, value: null }, point] : [point];
  });
}

function leastDistance(points: Points): number {
  return Math.min(...points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at)));
}

/** Return one course of what was measured, in cores, bytes or devices, and later by some time. */
export function courseOf(
  measured: Measured[],
  unit: string,
  name: "requested" | "used",
  { stepMs, laterMs = 0 }: Options = {},
): Points {
  const factor = factorOf({ unit });
  const points = measured.map((point) => {
    const amount = point[name];
    const at = Date.parse(point.at) + laterMs;
    return { at, value: amount === null ? null : amount * factor };
  });
  return withGaps(points, stepMs);
}
