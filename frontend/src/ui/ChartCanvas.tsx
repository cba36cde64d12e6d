import { theme } from "antd";
import { LineChart, type LineSeriesOption } from "echarts/charts";
import {
  GridComponent,
  type GridComponentOption,
  TooltipComponent,
  type TooltipComponentOption,
} from "echarts/components";
import { type ComposeOption, type EChartsType, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import type { ChartProps, ChartSeries } from "./chartProps";
import { exactTime } from "./Time";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

type Option = ComposeOption<LineSeriesOption | GridComponentOption | TooltipComponentOption>;

function lineOf({ name, color, isFilled, stroke, points }: ChartSeries): LineSeriesOption {
  const paint = getComputedStyle(document.documentElement).getPropertyValue(color).trim();
  const isAlone = (index: number) =>
    (points[index - 1]?.value ?? null) === null && (points[index + 1]?.value ?? null) === null;
  return {
    type: "line",
    name,
    color: paint,
    symbol: "none",
    connectNulls: false,
    lineStyle: { width: 1.5, ...(stroke && { type: stroke }) },
    ...(isFilled && { areaStyle: { opacity: 0.2 } }),
    ...(!isFilled && !stroke && { step: "end" as const }),
    // A point between two gaps has no line to be seen by.
    data: points.map(({ at, value }, index) => ({
      value: [at, value],
      ...(isAlone(index) && { symbol: "circle", symbolSize: 4 }),
    })),
  };
}

const TICKS = 3;

/** Return a distance of grid lines at which bytes are round: 1, 2, 4 … 512 of their unit. */
function binaryInterval(series: ChartSeries[]): number {
  const most = Math.max(
    1,
    ...series.flatMap(({ points }) => points.map(({ value }) => value ?? 0)),
  );
  return 2 ** Math.ceil(Math.log2(most / TICKS));
}

/** The canvas behind `Chart`. */
export default function ChartCanvas({
  series,
  from,
  to,
  format,
  isBinary = false,
}: Omit<ChartProps, "label" | "height">) {
  const { token } = theme.useToken();
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  useEffect(() => {
    if (!holder.current) return;
    const made = init(holder.current);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(holder.current);
    chart.current = made;
    return () => {
      observer.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    const label = { color: token.colorTextSecondary, fontSize: 11, hideOverlap: true };
    const split = { lineStyle: { color: token.colorSplit } };
    const option: Option = {
      animation: false,
      grid: { left: 4, right: 12, top: 10, bottom: 2, outerBoundsMode: "same" },
      xAxis: { type: "time", min: from, max: to, axisLabel: label, splitLine: { show: false } },
      yAxis: {
        type: "value",
        min: 0,
        splitNumber: TICKS,
        ...(isBinary && { interval: binaryInterval(series) }),
        axisLabel: { ...label, formatter: format },
        splitLine: split,
      },
      tooltip: {
        trigger: "axis",
        // Drawn in the canvas: the page's policy forbids styles inside markup.
        renderMode: "richText",
        confine: true,
        backgroundColor: token.colorBgElevated,
        borderColor: token.colorBorder,
        textStyle: { color: token.colorText, fontSize: 12 },
        formatter: (shown) => {
          const rows = Array.isArray(shown) ? shown : [shown];
          const [at] = (rows[0]?.value ?? []) as [number];
          const lines = rows.map(({ seriesName, value }) => {
            const [, amount] = value as [number, number | null];
            return amount === null ? "" : `${seriesName} ${format(amount)}`;
          });
          return [exactTime(new Date(at).toISOString()), ...lines.filter(Boolean)].join("\n");
        },
      },
      series: series.map(lineOf),
    };
    chart.current?.setOption(option, { notMerge: true });
  }, [series, from, to, format, isBinary, token]);
  return <div ref={holder} style={{ height: "100%" }} />;
}
