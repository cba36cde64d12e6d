import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ResourceName, useAmount } from "@/ui/Resource";
import { Table, titled } from "@/ui/Table";
import type { Need } from "./needs";

/** What a change holds of each resource, against what is left for it. */
export function NeedsTable({ needs }: { needs: Need[] }) {
  const { t } = useTranslation(["serving", "ui"]);
  const write = useAmount();
  return (
    <Table<Need>
      rowKey={({ resource, gpuProduct }) => resource + gpuProduct}
      data={needs}
      columns={[
        {
          title: t("start.resource"),
          render: (_, { resource, gpuProduct }) =>
            gpuProduct ? <code>{gpuProduct}</code> : <ResourceName resource={resource} />,
        },
        {
          title: <span title={t("start.peakHint")}>{t("start.peak")}</span>,
          onCell: () => titled(t("start.peak")),
          align: "right",
          render: (_, { resource, peak }) => write(resource, peak),
        },
        {
          title: <span title={t("start.moreHint")}>{t("start.more")}</span>,
          onCell: () => titled(t("start.more")),
          align: "right",
          render: (_, { resource, more, fits }) => (
            <Typography.Text type={fits ? undefined : "danger"} strong={!fits}>
              {more > 0 ? `+${write(resource, more)}` : "–"}
            </Typography.Text>
          ),
        },
        {
          title: t("ui:headroom"),
          align: "right",
          render: (_, { resource, left, fits }) => (
            <Typography.Text type={fits ? undefined : "danger"} strong={!fits}>
              {left === null ? t("ui:noLimit") : write(resource, left)}
            </Typography.Text>
          ),
        },
      ]}
    />
  );
}
