import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Filters } from "@/ui/Filters";

/** What the address says of which nodes are shown. */
export interface FleetSearch {
  cluster?: string;
  gpu_product?: string;
  ready?: string;
  search?: string;
  ordering?: string;
}

/** How readiness stands in the address, and what the API calls it. */
export const READINESS: Record<string, boolean> = { yes: true, no: false };

interface Props {
  search: FleetSearch;
  clusters: Schemas["Cluster"][];
  gpus: Schemas["Cards"][];
  onChange: (search: FleetSearch) => void;
}

/** Which nodes are shown. */
export function FleetFilters({ search, clusters, gpus, onChange }: Props) {
  const { t } = useTranslation("fleet");
  const products = [...new Set(gpus.map(({ gpu_product: product }) => product))].filter(Boolean);
  return (
    <Filters<keyof FleetSearch>
      search={search}
      onChange={onChange}
      filters={[
        { name: "search", label: t("search") },
        {
          name: "cluster",
          label: t("anyCluster"),
          options: clusters.map(({ name, display_name: title }) => ({
            value: name,
            label: title || name,
          })),
        },
        {
          name: "gpu_product",
          label: t("anyModel"),
          options: products.map((value) => ({ value, label: value })),
        },
        {
          name: "ready",
          label: t("anyReadiness"),
          options: Object.keys(READINESS).map((value) => ({
            value,
            label: t(`readiness.${value as "yes"}`),
          })),
        },
      ]}
    />
  );
}
