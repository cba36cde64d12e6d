import { useTranslation } from "react-i18next";
import { formatDuration } from "@/ui/Time";

/** How a deployment ends. */
export const OUTCOMES = ["succeeded", "failed", "aborted"] as const;

/** Write how long something took; what stands for it where it was never measured. */
export function written(seconds: number | null | undefined, unmeasured: string): string {
  return seconds == null ? unmeasured : formatDuration(seconds);
}

/** Return how a share is written; one of nothing is a dash. */
export function useShare(): (ratio: number | null) => string {
  const { i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language, {
    style: "percent",
    maximumFractionDigits: 1,
  });
  return (ratio) => (ratio === null ? "–" : format.format(ratio));
}
