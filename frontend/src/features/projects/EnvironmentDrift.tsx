import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { isBeside, valueText } from "./driftText";

type Drift = Schemas["Drift"];

/** In what a namespace is not what it should be, and what others put there beside ours. */
export function EnvironmentDrift({ drift }: { drift: Drift[] }) {
  const { t } = useTranslation("projects");
  if (drift.length === 0) return null;
  return (
    <Flex vertical gap={8}>
      <Typography.Text type="secondary">{t("drift.title")}</Typography.Text>
      <Table<Drift>
        rowKey={({ object, field }) => `${object} ${field}`}
        data={drift}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("drift.what"), render: (_, entry) => <What entry={entry} /> },
          { title: t("drift.change"), render: (_, entry) => <Change entry={entry} /> },
          {
            title: t("drift.who"),
            render: (_, { manager }) => (manager ? <code>{manager}</code> : t("drift.unknown")),
          },
          { title: t("drift.since"), render: (_, { since }) => <Age at={since} /> },
        ]}
      />
    </Flex>
  );
}

function What({ entry: { object, field } }: { entry: Drift }) {
  return (
    <Flex vertical>
      <code>{object}</code>
      {field && <code>{field}</code>}
    </Flex>
  );
}

function Change({ entry }: { entry: Drift }) {
  const { t } = useTranslation("projects");
  if (isBeside(entry)) return <>{t("drift.beside")}</>;
  const [wanted, found] = [entry.wanted, entry.found].map((value) => valueText(value));
  return (
    <span style={{ wordBreak: "break-word" }}>
      <code>{wanted ?? t("drift.nothing")}</code> → <code>{found ?? t("drift.nothing")}</code>
    </span>
  );
}
