import { Link } from "@tanstack/react-router";
import { Card, Descriptions, type DescriptionsProps, Spin, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { When } from "@/ui/Time";
import { Amounts } from "./Amounts";
import { StrategyText } from "./RolloutFigures";
import { Endpoint } from "./ServiceEndpoint";
import type { TabProps } from "./ServicePage";

/** What a service is told to be from its next rollout on, and where it answers. */
export function ServiceOverview({ service, path }: TabProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const model = api.useQuery("get", "/api/v1/projects/{project}/models/{model}", {
    params: { path: { project: path.project, model: service.model } },
  });
  const newest = model.data?.latest_version;
  const withoutNewest = model.data ? (
    t("noVersion")
  ) : model.isError ? (
    t("ui:unknown")
  ) : (
    <Spin size="small" />
  );
  const items: DescriptionsProps["items"] = [
    { key: "endpoint", label: t("endpoint"), children: <Endpoint service={service} path={path} /> },
    {
      key: "protocol",
      label: t("start.protocol"),
      children: t(`start.protocols.${service.protocol}`),
    },
    { key: "cluster", label: t("ui:cluster"), children: service.cluster },
    {
      key: "model",
      label: t("ui:model"),
      children: (
        <Link
          to="/projects/$project/models/$model"
          params={{ project: path.project, model: service.model }}
        >
          {service.model}
        </Link>
      ),
    },
    {
      key: "newest",
      label: t("newestVersion"),
      children: newest ? <Typography.Text code>{newest}</Typography.Text> : withoutNewest,
    },
    {
      key: "replicas",
      label: t("ui:replicas"),
      children:
        service.temporary_replicas == null ? (
          service.replicas
        ) : (
          <>
            {t("temporary", { count: service.temporary_replicas, wish: service.replicas })}{" "}
            {service.temporary_expires_at && <When at={service.temporary_expires_at} />}
          </>
        ),
    },
    {
      key: "requests",
      label: t("requestsEach"),
      children: <Amounts resources={service.resources.requests ?? {}} />,
    },
    {
      key: "limits",
      label: t("limitsEach"),
      children: <Amounts resources={service.resources.limits ?? {}} />,
    },
    { key: "gpu", label: t("gpuProduct"), children: service.gpu_product || t("any") },
    {
      key: "strategy",
      label: t("figures.strategy"),
      children: <StrategyText strategy={service.strategy} />,
    },
    {
      key: "deadline",
      label: t("deadline"),
      children: t("seconds", { count: service.progress_deadline_seconds }),
    },
    { key: "env", label: t("env"), span: "filled", children: <Pairs of={service.env} /> },
    {
      key: "selector",
      label: t("nodeSelector"),
      span: "filled",
      children: <Pairs of={service.node_selector} />,
    },
    {
      key: "command",
      label: t("command"),
      span: "filled",
      children: <Words of={[...service.command, ...service.args]} />,
    },
  ];
  return (
    <Card size="small" title={t("settings")}>
      <Descriptions size="small" column={{ xs: 1, lg: 2, xxl: 3 }} items={items} />
    </Card>
  );
}

function Pairs({ of }: { of: Record<string, string> }) {
  return <Words of={Object.entries(of).map(([name, value]) => `${name}=${value}`)} />;
}

function Words({ of }: { of: string[] }) {
  const { t } = useTranslation(["serving", "ui"]);
  if (!of.length) return <Typography.Text type="secondary">{t("ui:none")}</Typography.Text>;
  return (
    <span>
      {of.map((word) => (
        <Typography.Text code key={word} style={{ overflowWrap: "anywhere" }}>
          {word}
        </Typography.Text>
      ))}
    </span>
  );
}
