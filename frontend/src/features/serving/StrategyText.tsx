import { useTranslation } from "react-i18next";

interface Strategy {
  type?: string;
  max_surge?: number;
  max_unavailable?: number;
}

/** How pods are replaced, with what it costs while it lasts. */
export function StrategyText({ strategy }: { strategy: unknown }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { type, max_surge: surge, max_unavailable: missing } = (strategy ?? {}) as Strategy;
  if (type === "recreate") return t("strategies.recreate");
  if (surge) return t("strategies.surge", { count: surge });
  if (missing) return t("strategies.unavailable", { count: missing });
  return t("strategies.rolling");
}
