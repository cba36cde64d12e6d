import { useTranslation } from "react-i18next";
import { formatAmount, isDevice } from "@/lib/quantity";

const NAMES = {
  cpu: "cpu",
  memory: "memory",
  pods: "pods",
  "nvidia.com/gpu.memory": "gpuMemory",
} as const;

/** Return how a resource is called; what only Kubernetes has a name for keeps it. */
export function useResourceName(): (resource: string) => string {
  const { t } = useTranslation();
  return (resource) => (resource in NAMES ? t(NAMES[resource as keyof typeof NAMES]) : resource);
}

/** Return how an amount in cores, bytes or devices is written, with its unit where it has one. */
export function useAmount(): (resource: string, amount: number | null) => string {
  const { t, i18n } = useTranslation();
  return (resource, amount) => {
    if (amount === null || Number.isNaN(amount)) return t("unknown");
    const written = formatAmount(resource, amount, i18n.language);
    return resource === "cpu" ? `${written} ${t("cores", { count: amount })}` : written;
  };
}

/** A resource by its name; a name of Kubernetes is code. */
export function ResourceName({ resource }: { resource: string }) {
  const name = useResourceName();
  return isDevice(resource) ? <code>{resource}</code> : <span>{name(resource)}</span>;
}
