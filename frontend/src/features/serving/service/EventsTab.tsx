import { InfoCircleOutlined, WarningFilled } from "@ant-design/icons";
import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex, Tag, Typography } from "antd";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { Empty } from "@/ui/Empty";
import { type Filter, Filters } from "@/ui/Filters";
import { byCursor, List } from "@/ui/List";
import { Age } from "@/ui/Time";
import { Quoted } from "../Quoted";
import type { ServiceProps } from "../types";
import { LatestChanges } from "./LatestChanges";

const route = getRouteApi("/app/projects/$project/environments/$environment/services/$service");

const FILTERS = ["type", "reason", "object", "search"] as const;
type EventSearch = { [Name in (typeof FILTERS)[number]]?: string };

/** What is said most; others are offered once one is seen. */
const REASONS = [
  ...["BackOff", "Failed", "FailedScheduling", "FailedCreate", "FailedMount", "Unhealthy"],
  ...["Evicted", "Preempted", "Killing", "Scheduled", "Pulling", "Pulled", "Created", "Started"],
  "ScalingReplicaSet",
];

/** What Kubernetes said about a service's objects; kept after the cluster forgot. */
export function EventsTab({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const { type, reason, object, search, ...others } = route.useSearch();
  const navigate = route.useNavigate();
  const filters: EventSearch = withoutEmpty({ type, reason, object, search });
  const show = (to: EventSearch) =>
    void navigate({ search: { ...others, ...to }, replace: true, resetScroll: false });
  const events = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/events",
    { params: { path, query: { limit: 100, ...queryOf(filters) } } },
    byCursor,
  );
  // With the events that stand above, and no frame before them: they would push it down.
  const areShown = useDeferredValue(!events.isPending);
  const seen = events.data?.pages.flatMap((page) => page.results) ?? [];
  const reasons = [...new Set([...REASONS, ...seen.map((event) => event.reason)])];
  const asked: Filter<keyof EventSearch>[] = [
    {
      name: "type",
      label: t("anyType"),
      options: [
        { value: "Warning", label: t("warning") },
        { value: "Normal", label: t("normal") },
      ],
    },
    {
      name: "reason",
      label: t("anyReason"),
      options: reasons.map((value) => ({ value, label: value })),
    },
    { name: "object", label: t("object") },
    { name: "search", label: t("ui:message") },
  ];
  const showAll = <Button onClick={() => show({})}>{t("showAll")}</Button>;
  return (
    <Flex vertical gap={12}>
      <Filters filters={asked} search={filters} onChange={show} />
      <List<Schemas["Event"]>
        query={events}
        rowKey={(event) =>
          [event.object_name, event.reason, event.last_seen_at, event.message].join("/")
        }
        empty={
          Object.keys(filters).length > 0 ? (
            <Empty action={showAll}>{t("noEventsFiltered")}</Empty>
          ) : (
            <Empty>{t("noEvents")}</Empty>
          )
        }
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
              <div style={{ minWidth: "min(320px, 100%)" }}>
                <Quoted>{message}</Quoted>
              </div>
            ),
          },
        ]}
      />
      {areShown && <LatestChanges service={service} path={path} />}
    </Flex>
  );
}

/** How the API calls what the address says. */
function queryOf({ object, ...rest }: EventSearch) {
  return { ...rest, ...(object && { object_name: object }) };
}
