/** A course over time; `null` is a gap. */
export interface ChartSeries {
  name: string;
  /** A custom property of the page, so that light and dark both have it. */
  color: string;
  isFilled?: boolean;
  /** A limit, or what is only compared with. */
  isDashed?: boolean;
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
