import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table } from "@/ui/Table";
import { Age } from "@/ui/Time";

type Fault = Schemas["Fault"];

/** What our loops met and did not expect; the latest is shown to platform admins only. */
export function Faults({ faults }: { faults: Fault[] }) {
  const { t } = useTranslation(["platform", "ui"]);
  return (
    <>
      <Typography.Paragraph type="secondary" style={{ margin: "8px 12px" }}>
        {t("faultsHint")}
      </Typography.Paragraph>
      <Table<Fault>
        tableLayout="fixed"
        scroll={{ x: 1000 }}
        rowKey={({ loop, cluster }) => `${loop}/${cluster}`}
        data={faults}
        columns={[
          { title: t("loop"), width: 240, render: (_, { loop }) => <code>{loop}</code> },
          { title: t("ui:cluster"), width: 170, dataIndex: "cluster" },
          { title: t("times"), width: 100, align: "right", dataIndex: "count" },
          { title: t("asOf"), width: 150, render: (_, { last_at: at }) => <Age at={at} /> },
          {
            title: t("lastFault"),
            render: (_, { last_object: about, last_error: error }) => (
              <span style={{ overflowWrap: "anywhere" }}>
                <strong>{about}</strong> <Typography.Text type="secondary">{error}</Typography.Text>
              </span>
            ),
          },
        ]}
      />
    </>
  );
}
