import { Link } from "@tanstack/react-router";
import { Flex, Tag, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import type { TableColumns } from "@/ui/Table";
import { type PartHealth, type PartName, partOf } from "./health";
import { MirrorKinds } from "./MirrorKinds";
import { PartCell } from "./PartState";

type Cluster = Schemas["Cluster"];

const DIALOGS = {
  edit: lazyDialog(() => import("./EditCluster"), "EditCluster"),
  delete: lazyDialog(() => import("./DeleteCluster"), "DeleteCluster"),
} as const;
type Verb = keyof typeof DIALOGS;

/** Pages of a size of their own: without one they would be kept where the shell keeps its list. */
const PAGES = { params: { query: { limit: 100 } } };

interface Props {
  parts: PartHealth[];
  isCurrent: boolean;
  whyNot: string | undefined;
  /** The way to the first cluster. */
  register: ReactNode;
}

/** The clusters that we operate, our mirror of each, and its Prometheus. */
export function ClustersTable({ parts, isCurrent, whyNot, register }: Props) {
  const { t } = useTranslation(["platform", "ui"]);
  const [open, setOpen] = useState<{ verb: Verb; cluster: Cluster }>();
  const clusters = api.useInfiniteQuery("get", "/api/v1/clusters", PAGES, byCursor);
  const Dialog = open && DIALOGS[open.verb];
  const part = (name: PartName) => ({
    title: t(`parts.${name}`),
    render: (_: unknown, cluster: Cluster) => (
      <>
        <PartCell part={partOf(parts, name, cluster.name)} isCurrent={isCurrent} />
        {name === "mirror" && <MirrorKinds status={cluster.status} />}
        {name === "prometheus" && cluster.prometheus_url && (
          <Typography.Text type="secondary" ellipsis title={cluster.prometheus_url}>
            {cluster.prometheus_url}
          </Typography.Text>
        )}
      </>
    ),
  });
  const columns: TableColumns<Cluster> = [
    { title: t("ui:cluster"), width: 170, render: (_, cluster) => <Identity cluster={cluster} /> },
    part("cluster"),
    part("mirror"),
    part("prometheus"),
    {
      title: t("ui:actions"),
      align: "right",
      width: 150,
      render: (_, cluster) => (
        <Flex gap={8} justify="end">
          {(Object.keys(DIALOGS) as Verb[]).map((verb) => (
            <ActionButton
              key={verb}
              size="small"
              danger={verb === "delete"}
              whyNot={whyNot}
              onClick={() => setOpen({ verb, cluster })}
            >
              {t(`ui:${verb}`)}
            </ActionButton>
          ))}
        </Flex>
      ),
    },
  ];
  return (
    <>
      <List<Cluster>
        query={clusters}
        rowKey="name"
        columns={columns}
        tableLayout="fixed"
        scroll={{ x: 1000 }}
        empty={<Empty action={register}>{t("noClusters")}</Empty>}
      />
      {open && Dialog && <Dialog cluster={open.cluster} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Identity({ cluster }: { cluster: Cluster }) {
  const { t } = useTranslation("platform");
  const { name, display_name: title, simulated } = cluster;
  return (
    <Flex vertical gap={2} align="start">
      <strong>{title || name}</strong>
      {title && <Typography.Text type="secondary">{name}</Typography.Text>}
      {simulated && <Tag style={{ margin: 0 }}>{t("simulated")}</Tag>}
      <Link to="/fleet" search={{ cluster: name }}>
        {t("itsNodes")}
      </Link>
    </Flex>
  );
}
