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

type Write = (resource: string, amount: number | null) => string;

/** Return how an amount is written before the whole that it is a part of, which says the cores. */
export function usePart(): Write {
  const { t, i18n } = useTranslation();
  return (resource, amount) =>
    amount === null || Number.isNaN(amount)
      ? t("unknown")
      : formatAmount(resource, amount, i18n.language);
}

/** Return how an amount in cores, bytes or devices is written, with its unit where it has one. */
export function useAmount(): Write {
  const { t } = useTranslation();
  const write = usePart();
  return (resource, amount) => {
    const written = write(resource, amount);
    const isCores = resource === "cpu" && amount !== null && !Number.isNaN(amount);
    return isCores ? `${written} ${t("cores", { count: amount })}` : written;
  };
}

/** A resource by its name; a name of Kubernetes is code. */
export function ResourceName({ resource }: { resource: string }) {
  const name = useResourceName();
  return isDevice(resource) ? <code>{resource}</code> : <span>{name(resource)}</span>;
}
