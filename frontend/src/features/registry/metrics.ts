import type { ModelVersion } from "./versions";

type Version = Pick<ModelVersion, "version" | "metrics">;

/** Which of two numbers of a metric is better, where its name leaves no doubt. */
export type MetricDirection = "higher" | "lower" | null;

const HIGHER = new Set([
  ...["auc", "auroc", "auprc", "accuracy", "acc", "f1", "precision", "recall", "ap", "map"],
  ...["ndcg", "mrr", "bleu", "rouge", "iou", "miou", "r2"],
]);
const LOWER = new Set([
  ...["loss", "logloss", "error", "mae", "mse", "rmse", "mape", "wer", "cer", "perplexity"],
  ...["latency", "fpr", "fnr", "eer"],
]);

/** Tell which way a metric is better, by the words of its name; null when none or both are said. */
export function directionOf(metric: string): MetricDirection {
  const words = metric.toLowerCase().split(/[^a-z0-9]+/);
  const isHigher = words.some((word) => HIGHER.has(word));
  const isLower = words.some((word) => LOWER.has(word));
  if (isHigher === isLower) return null;
  return isHigher ? "higher" : "lower";
}

/** Return the names of the metrics of some versions: those that most of them have first. */
export function metricNames(versions: Version[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of versions) {
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts.entries()]
    .sort(([a, inA], [b, inB]) => inB - inA || a.localeCompare(b))
    .map(([name]) => name);
}

/** Return the best number of a metric, if its name says what best is and somebody has a worse one. */
export function bestOf(metric: string, versions: Version[]): number | null {
  const direction = directionOf(metric);
  const values = versions.map((one) => one.metrics[metric]).filter((one) => one !== undefined);
  if (direction === null || new Set(values).size < 2) return null;
  return direction === "higher" ? Math.max(...values) : Math.min(...values);
}

/** Return by how much a version differs from the newest older one that has the metric. */
export function changeOf(metric: string, version: string, newestFirst: Version[]): number | null {
  const index = newestFirst.findIndex((one) => one.version === version);
  const own = newestFirst[index]?.metrics[metric];
  const before = newestFirst.slice(index + 1).find((one) => one.metrics[metric] !== undefined);
  const old = before?.metrics[metric];
  return own === undefined || old === undefined ? null : own - old;
}

const SIGNIFICANT_DIGITS = 4;

/** Return how many decimals a metric's numbers are written with, so that they stand aligned. */
export function decimalsOf(metric: string, versions: Version[]): number {
  const values = versions.map((one) => one.metrics[metric]).filter((one) => one !== undefined);
  if (values.every(Number.isInteger)) return 0;
  const largest = Math.max(...values.map(Math.abs));
  return Math.max(0, Math.min(6, SIGNIFICANT_DIGITS - 1 - Math.floor(Math.log10(largest || 1))));
}
