import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { isCard } from "@/lib/devices";
import { byImportance } from "@/lib/quantity";
import type { TableColumns } from "@/ui/Table";
import { NodeBar } from "./NodeBar";
import { NodeStateCell } from "./NodeState";
import type { FleetNode } from "./nodeState";
import { ServicesOnNode } from "./ServicesOnNode";

/** The columns of the list of nodes; `search` is what was searched for. */
export function useNodeColumns(search: string | undefined): TableColumns<FleetNode> {
  const { t } = useTranslation(["fleet", "ui"]);
  return [
    {
      title: t("ui:node"),
      sortBy: "name",
      width: 120,
      render: (_, node) => <Identity node={node} />,
    },
    { title: t("ui:status"), width: "18%", render: (_, node) => <NodeStateCell node={node} /> },
    { title: "GPU", sortBy: "gpu_product", width: 180, render: (_, node) => <Gpus node={node} /> },
    {
      title: t("ui:cpu"),
      width: 116,
      render: (_, node) => <NodeBar node={node} resource="cpu" />,
    },
    {
      title: t("ui:memory"),
      width: 156,
      render: (_, node) => <NodeBar node={node} resource="memory" />,
    },
    {
      title: t("services"),
      render: (_, node) => <ServicesOnNode node={node} isAlone={search === node.name} />,
    },
  ];
}

function Identity({ node }: { node: FleetNode }) {
  return (
    <Flex vertical>
      <strong>{node.name}</strong>
      <Typography.Text type="secondary">{node.cluster}</Typography.Text>
      <Typography.Text type="secondary">{node.kubelet_version}</Typography.Text>
    </Flex>
  );
}

function Gpus({ node }: { node: FleetNode }) {
  const { t } = useTranslation("fleet");
  const resources = Object.keys(node.capacity).filter(isCard).sort(byImportance);
  if (resources.length === 0)
    return <Typography.Text type="secondary">{t("noGpu")}</Typography.Text>;
  return (
    <Flex vertical gap={4}>
      {node.gpu_product || <i>{t("noModel")}</i>}
      {resources.map((resource) => (
        <NodeBar key={resource} node={node} resource={resource} />
      ))}
    </Flex>
  );
}
