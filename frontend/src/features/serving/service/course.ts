import type { Schemas } from "@/api/client";
import type { ChartSeries } from "@/ui/chartProps";
import { courseOf as courseOfMeasured } from "@/ui/course";

/** Return what was requested or used, in cores, bytes or devices; what was not measured is a gap. */
export function courseOf(
  { points, unit }: Pick<Schemas["Course"], "points" | "unit">,
  name: "requested" | "used",
  stepSeconds: number,
): ChartSeries["points"] {
  return courseOfMeasured(points, unit, name, { stepMs: stepSeconds * 1000 });
}
