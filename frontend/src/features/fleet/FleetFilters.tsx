import { Flex, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { SavedViews } from "@/ui/SavedViews";
import { SearchBox } from "@/ui/SearchBox";

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
  onChoose: (change: { [Key in keyof FleetSearch]: string | undefined }) => void;
}

/** Which nodes are shown. */
export function FleetFilters({ search, clusters, gpus, onChoose }: Props) {
  const { t } = useTranslation(["fleet", "ui"]);
  const products = [...new Set(gpus.map(({ gpu_product: product }) => product))].filter(Boolean);
  return (
    <Flex gap={8} wrap>
      <SearchBox
        label={t("search")}
        value={search.search ?? ""}
        onSearch={(text) => onChoose({ search: text })}
      />
      <Choice
        label={t("anyCluster")}
        value={search.cluster}
        options={clusters.map(({ name, display_name: title }) => ({
          value: name,
          label: title || name,
        }))}
        onChoose={(cluster) => onChoose({ cluster })}
      />
      <Choice
        label={t("anyModel")}
        value={search.gpu_product}
        options={products.map((value) => ({ value, label: value }))}
        onChoose={(product) => onChoose({ gpu_product: product })}
      />
      <Choice
        label={t("anyReadiness")}
        value={search.ready}
        options={Object.keys(READINESS).map((value) => ({
          value,
          label: t(`readiness.${value as "yes"}`),
        }))}
        onChoose={(ready) => onChoose({ ready })}
      />
      <SavedViews />
    </Flex>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: { value: string; label: string }[];
  onChoose: (value: string | undefined) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <Select<string>
      allowClear
      aria-label={label}
      placeholder={label}
      style={{ width: 200 }}
      popupMatchSelectWidth={false}
      value={value ?? null}
      options={options}
      onChange={(chosen?: string) => onChoose(chosen)}
    />
  );
}
