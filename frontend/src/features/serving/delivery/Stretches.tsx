import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table } from "@/ui/Table";
import { underASecond } from "@/ui/Time";
import { written } from "./measures";

type Stretch = Schemas["Stretch"];

/** Between times that Kubernetes tells in whole seconds. */
const BY_THE_CLUSTER = new Set<Stretch["until"]>(["scheduled", "started", "first_ready"]);

/** How long deployments took from one moment of their clock to the next. */
export function Stretches({ stretches }: { stretches: Stretch[] }) {
  const { t } = useTranslation(["serving", "ui"]);
  const write = (seconds: number | null, until: Stretch["until"]) =>
    seconds !== null && seconds < 1 && BY_THE_CLUSTER.has(until)
      ? underASecond()
      : written(seconds, t("ui:unknown"));
  return (
    <Table<Stretch>
      rowKey="until"
      data={stretches}
      scroll={{ x: "max-content" }}
      columns={[
        {
          title: t("clock.stretch"),
          render: (_, { until }) =>
            until === "total" || until === "from_registration"
              ? t(`delivery.${until}`)
              : t(`clock.${until}_at`),
        },
        {
          title: t("delivery.median"),
          align: "right",
          render: (_, one) => write(one.median_seconds, one.until),
        },
        {
          title: t("delivery.ninety"),
          align: "right",
          render: (_, one) => write(one.p90_seconds, one.until),
        },
        { title: t("delivery.measured"), align: "right", dataIndex: "count" },
      ]}
    />
  );
}
