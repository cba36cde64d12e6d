import { InfoCircleOutlined, WarningFilled } from "@ant-design/icons";
import { Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { Age } from "@/ui/Time";
import type { ServiceProps } from "../types";

/** What Kubernetes said about a service's objects; kept after the cluster forgot. */
export function EventsTab({ path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const events = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/events",
    { params: { path, query: { limit: 100 } } },
    byCursor,
  );
  return (
    <List<Schemas["Event"]>
      query={events}
      rowKey={(event) =>
        [event.object_name, event.reason, event.last_seen_at, event.message].join("/")
      }
      empty={<Empty>{t("noEvents")}</Empty>}
      columns={[
        { title: t("lastSeen"), render: (_, event) => <Age at={event.last_seen_at} /> },
        {
          title: t("ui:status"),
          render: (_, { type }) =>
            type === "Warning" ? (
              <Tag color="warning" icon={<WarningFilled />}>
                {t("warning")}
              </Tag>
            ) : (
              <Tag icon={<InfoCircleOutlined />}>{t("normal")}</Tag>
            ),
        },
        { title: t("ui:reason"), dataIndex: "reason" },
        {
          title: t("object"),
          render: (_, event) => (
            <>
              {event.object_kind} <Typography.Text code>{event.object_name}</Typography.Text>
            </>
          ),
        },
        { title: t("seenTimes"), align: "right", dataIndex: "count" },
        {
          title: t("ui:message"),
          width: 480,
          render: (_, { message }) => (
            <div style={{ minWidth: 320, overflowWrap: "anywhere" }}>{message}</div>
          ),
        },
      ]}
    />
  );
}
