import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { stepsInShort } from "./steps";

/** How pods are replaced, with what it costs while it lasts. */
export function StrategyText({ strategy }: { strategy: unknown }) {
  const { t } = useTranslation(["serving", "ui"]);
  const stated = (strategy ?? {}) as Partial<Schemas["Strategy"]>;
  const { type, max_surge: surge, max_unavailable: missing, steps = [] } = stated;
  if (type === "recreate") return t("strategies.recreate");
  if (type === "canary" || type === "blue_green")
    return [t(`strategies.${type}`), stepsInShort(steps)].filter(Boolean).join(" ");
  if (surge) return t("strategies.surge", { count: surge });
  if (missing) return t("strategies.unavailable", { count: missing });
  return t("strategies.rolling");
}
