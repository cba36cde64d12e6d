import type { Schemas } from "@/api/client";
import type { ChartSeries } from "@/ui/chartProps";
import { courseOf as courseOfMeasured } from "@/ui/course";

/** Return one course of a line of the summary, in cores, bytes or devices, and later by some time. */
export function courseOf(
  { series, unit }: Schemas["LineWithSeries"],
  name: "requested" | "used",
  laterMs = 0,
): ChartSeries["points"] {
  return courseOfMeasured(series, unit, name, { laterMs });
}
