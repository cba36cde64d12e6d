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
import { roundInterval } from "./interval";
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

/** A low chart has room for two labels above its zero, any other for three. */
const LOW = 100;

/** The grid lines of a scale that ends with one of them. */
function scaleOf(series: ChartSeries[], height: number, isBinary: boolean) {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
  const most = Math.max(0, ...values) || 1;
  const interval = roundInterval(most / (height < LOW ? 2 : 3), isBinary);
  return { interval, max: interval * Math.ceil(most / interval) };
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
    const height = holder.current?.clientHeight ?? 0;
    const split = { lineStyle: { color: token.colorSplit } };
    const option: Option = {
      animation: false,
      grid: { left: 4, right: 16, top: 10, bottom: 2, outerBoundsMode: "same" },
      xAxis: { type: "time", min: from, max: to, axisLabel: label, splitLine: { show: false } },
      yAxis: {
        type: "value",
        min: 0,
        ...scaleOf(series, height, isBinary),
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
