import { lazy, Suspense } from "react";
import type { ChartProps } from "./chartProps";

// Charts weigh more than the rest of a page, which must not wait for them.
const ChartCanvas = lazy(() => import("./ChartCanvas"));

/** Courses over time; where nothing is known there is nothing. */
export function Chart({ label, height = 130, ...props }: ChartProps) {
  return (
    <div className="slipway-chart" role="img" aria-label={label} style={{ height }}>
      <Suspense>
        <ChartCanvas {...props} />
      </Suspense>
    </div>
  );
}
