import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { byImportance, formatAmount, isDevice, parseQuantity } from "@/lib/quantity";

interface Props {
  resources: Record<string, string>;
  /** How often it is held: replicas. */
  times?: number;
}

/** Amounts of resources in one line: `GPU 1 · CPU 2 · Memory 4 GiB`. */
export function ResourceAmounts({ resources, times = 1 }: Props) {
  const { t, i18n } = useTranslation(["serving", "ui"]);
  const memory = t("ui:memory");
  const names = Object.keys(resources).sort(byImportance);
  if (!names.length) return <Typography.Text type="secondary">{t("ui:none")}</Typography.Text>;
  const shown = names.map((name) => {
    const amount = formatAmount(name, parseQuantity(resources[name] ?? "") * times, i18n.language);
    // A line ends between two amounts, not within one.
    return `${nameOf(name, memory)} ${amount}`.replaceAll(" ", "\u00a0");
  });
  return (
    <span title={names.map((n) => `${n}: ${resources[n]}`).join("\n")}>{shown.join(" · ")}</span>
  );
}

/** How a resource is called where there is little room. */
export function nameOf(resource: string, memory: string): string {
  if (resource === "nvidia.com/gpu") return "GPU";
  if (resource === "cpu") return "CPU";
  if (resource === "memory") return memory;
  return isDevice(resource) ? (resource.split("/")[1] ?? resource) : resource;
}
