/** A course over time; `null` is a gap. */
export interface ChartSeries {
  name: string;
  /** A custom property of the page, so that light and dark both have it. */
  color: string;
  isFilled?: boolean;
  /** How a line is drawn that is not what happened: what is compared with, or a limit. */
  stroke?: "dashed" | "dotted";
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
