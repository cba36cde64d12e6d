import type { Schemas } from "@/api/client";
import type { ChartSeries } from "@/ui/chartProps";

type Course = Pick<Schemas["Course"], "points" | "unit">;
type Points = ChartSeries["points"];

/** How much longer than one step two points may be apart before something is missing between. */
const TOLERANCE = 1.5;

/** Return what was requested or used, in cores, bytes or devices; what was not measured is a gap. */
export function courseOf(
  { points, unit }: Course,
  name: "requested" | "used",
  stepSeconds: number,
): Points {
  const [factor, step] = [unit === "millicores" ? 0.001 : 1, stepSeconds * 1000];
  return points.flatMap((point, index) => {
    const [at, amount] = [Date.parse(point.at), point[name]];
    const before = points[index - 1];
    const last = before ? Date.parse(before.at) : at;
    const shown = { at, value: amount === null ? null : amount * factor };
    return at - last > TOLERANCE * step ? [{ at: last + step, value: null }, shown] : [shown];
  });
}
