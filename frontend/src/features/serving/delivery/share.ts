import { useTranslation } from "react-i18next";

/** Return how a share is written; one of nothing is a dash. */
export function useShare(): (ratio: number | null) => string {
  const { i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language, {
    style: "percent",
    maximumFractionDigits: 1,
  });
  return (ratio) => (ratio === null ? "–" : format.format(ratio));
}
