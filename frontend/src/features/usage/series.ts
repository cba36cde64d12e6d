import type { Schemas } from "@/api/client";
import type { ChartSeries } from "@/ui/chartProps";

type Line = Schemas["LineWithSeries"];
type Points = ChartSeries["points"];

/** How much longer than one step two points may be apart before something is missing between. */
const TOLERANCE = 1.5;

/** Return the plain numbers' factor to cores, bytes or devices. */
export function factorOf({ unit }: Pick<Line, "unit">): number {
  return unit === "millicores" ? 0.001 : 1;
}

/**
 * Put a gap where points are missing. The step is the least distance between two points: the API
 * leaves out what was not collected, and a line drawn across would claim that it was.
 */
export function withGaps(points: Points): Points {
  const distances = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  const step = Math.min(...distances);
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const isMissing = before && point.at - before.at > TOLERANCE * step;
    return isMissing ? [{ at: before.at + step, value: null }, point] : [point];
  });
}

/** Return one course of a line of the summary, in cores, bytes or devices, and later by some time. */
export function courseOf(line: Line, name: "requested" | "used", laterMs = 0): Points {
  const factor = factorOf(line);
  return withGaps(
    line.series.map((point) => {
      const amount = point[name];
      const at = Date.parse(point.at) + laterMs;
      return { at, value: amount === null ? null : amount * factor };
    }),
  );
}
