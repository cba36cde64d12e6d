import { lazy, Suspense } from "react";

/** A course over time; `null` is a gap. */
export interface ChartSeries {
  name: string;
  /** A custom property of the page, so that light and dark both have it. */
  color: string;
  isFilled?: boolean;
  points: { at: number; value: number | null }[];
}

export interface ChartProps {
  /** What the picture says, for those who do not see it. */
  label: string;
  series: ChartSeries[];
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  format: (value: number) => string;
  /** Whether values are bytes, whose round numbers are powers of two. */
  isBinary?: boolean;
  height?: number;
}

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
