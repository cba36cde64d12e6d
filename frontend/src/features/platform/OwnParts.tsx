import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Table } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { type OwnPart, ownParts, type PartHealth } from "./health";
import { PartTag, PartTrouble } from "./PartState";

interface Props {
  parts: PartHealth[];
  isCurrent: boolean;
}

/** Slipway's own stores and processes. */
export function OwnParts({ parts, isCurrent }: Props) {
  const { t } = useTranslation(["platform", "ui"]);
  return (
    <Table<PartHealth>
      tableLayout="fixed"
      scroll={{ x: 1000 }}
      rowKey={({ name, instance }) => `${name}/${instance}`}
      data={ownParts(parts)}
      columns={[
        {
          title: t("part"),
          width: 340,
          render: (_, { name }) => (
            <>
              <strong>{t(`parts.${name}`)}</strong>{" "}
              <Typography.Text type="secondary">{t(`duties.${name as OwnPart}`)}</Typography.Text>
            </>
          ),
        },
        {
          title: t("ui:status"),
          width: 150,
          render: (_, part) => <PartTag part={part} isCurrent={isCurrent} />,
        },
        {
          title: t("asOf"),
          width: 150,
          render: (_, { observed_at: at }) => <Age at={at} />,
        },
        {
          title: t("instance"),
          width: 200,
          render: (_, { instance, version }) =>
            instance ? <code>{instance}</code> : <span>{version}</span>,
        },
        { title: t("trouble"), render: (_, part) => <PartTrouble part={part} /> },
      ]}
    />
  );
}
