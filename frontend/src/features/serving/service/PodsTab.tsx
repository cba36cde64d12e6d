import { Link } from "@tanstack/react-router";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { Age } from "@/ui/Time";
import { NodeLink, PodState } from "../PodParts";
import type { Pod, ServiceProps } from "../types";
import { exitCode, lasting } from "./containers";
import { PodUse } from "./PodUse";
import { useUsage } from "./UsageCourses";

/** The pods of a service: where they run, how they are, and what they use. */
export function PodsTab({ path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const pods = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/pods",
    { params: { path, query: { limit: 200 } } },
    byCursor,
  );
  const uses = new Map(useUsage(path).data?.now?.pods.map((use) => [use.pod, use]));
  return (
    <List<Pod>
      query={pods}
      rowKey="name"
      empty={<Empty>{t("noPodsOfService")}</Empty>}
      // A long name takes two lines before the way to the logs is out of sight.
      scroll={{ x: 1100 }}
      columns={[
        {
          title: t("pod"),
          dataIndex: "name",
          render: (name: string) => <Typography.Text code>{name}</Typography.Text>,
        },
        { title: t("ui:status"), render: (_, pod) => <State pod={pod} /> },
        {
          title: t("containers"),
          render: (_, pod) => <Containers pod={pod} />,
        },
        {
          title: t("restarts"),
          align: "right",
          render: (_, pod) => pod.containers.reduce((sum, one) => sum + one.restarts, 0),
        },
        { title: t("ui:node"), render: (_, pod) => <NodeLink node={pod.node} /> },
        {
          title: t("usedOfRequested"),
          render: (_, pod) => <PodUse requests={pod.requests} use={uses.get(pod.name)} />,
        },
        {
          title: t("ui:version"),
          render: (_, { revision, version }) =>
            version ? t("versionAndRevision", { version, revision }) : (revision ?? "?"),
        },
        { title: t("ui:age"), render: (_, pod) => <Age at={pod.created_at} /> },
        {
          title: t("tabs.logs"),
          render: (_, pod) => (
            <Link
              to="/projects/$project/environments/$environment/services/$service"
              params={path}
              search={{ tab: "logs", pod: pod.name }}
            >
              {t("openLogs")}
            </Link>
          ),
        },
      ]}
    />
  );
}

/** How a pod is, in its own story; and who keeps one that shall go. */
function State({ pod }: { pod: Pod }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { reason = "", message = "" } = pod.cause ?? {};
  const keepers = pod.terminating ? pod.finalizers : [];
  return (
    <>
      <PodState pod={{ ...pod, reason, message }} />
      {keepers.length > 0 && (
        <Typography.Text type="secondary">
          {t("keptBy", { finalizers: keepers.join(", ") })}
        </Typography.Text>
      )}
    </>
  );
}

function Containers({ pod }: { pod: Pod }) {
  const { t } = useTranslation(["serving", "ui"]);
  const counted = lasting(pod);
  const ready = counted.filter((container) => container.ready).length;
  const exits = pod.containers.flatMap((container) => {
    const code = exitCode(container);
    return code === null ? [] : [t("exitOf", { name: container.name, code })];
  });
  if (counted.length === 0)
    return <Typography.Text type="secondary">{t("noContainerYet")}</Typography.Text>;
  return (
    <>
      {t("readyOf", { ready, desired: counted.length })}
      {exits.map((exit) => (
        <Typography.Text key={exit} type="danger">
          {" · "}
          {exit}
        </Typography.Text>
      ))}
    </>
  );
}
