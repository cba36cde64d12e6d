import { Link } from "@tanstack/react-router";
import { Card, Descriptions, type DescriptionsProps, Spin, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { When } from "@/ui/Time";
import { ResourceAmounts } from "../ResourceAmounts";
import { StrategyText } from "../StrategyText";
import type { Service, ServiceProps, Spec } from "../types";
import { Endpoint } from "./ServiceEndpoint";

type Items = NonNullable<DescriptionsProps["items"]>;

/** What was rolled out last; before that, what the first rollout will bring. */
export function ServiceSettings({ service, path }: ServiceProps) {
  const { t } = useTranslation("serving");
  const items = [...usePlaceItems({ service, path }), ...usePodItems(service)];
  const { current_revision: revision } = service;
  return (
    <Card
      size="small"
      title={revision === null ? t("settings") : t("runsRevision", { number: revision })}
    >
      <Descriptions size="small" column={{ xs: 1, lg: 2, xxl: 3 }} items={items} />
    </Card>
  );
}

/** Which version answers where. */
function usePlaceItems({ service, path }: ServiceProps): Items {
  const { t } = useTranslation(["serving", "ui"]);
  return [
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
      key: "version",
      label: t("ui:version"),
      children: <Version version={service.current_version} />,
    },
    {
      key: "newest",
      label: t("newestVersion"),
      children: <Newest project={path.project} model={service.model} />,
    },
  ];
}

/** How many pods there are, and what each runs with. */
function usePodItems(service: Service): Items {
  const { t } = useTranslation(["serving", "ui"]);
  const { requests = {}, limits = {} } = service.resources;
  // Every setting is here, or it does not compile; one without rows says where else it is shown.
  const rows: Record<keyof Spec, Items> = {
    // With the place.
    protocol: [],
    port: [],
    replicas: [
      { key: "replicas", label: t("ui:replicas"), children: <Replicas service={service} /> },
    ],
    resources: [
      {
        key: "requests",
        label: t("requestsEach"),
        children: <ResourceAmounts resources={requests} />,
      },
      { key: "limits", label: t("limitsEach"), children: <ResourceAmounts resources={limits} /> },
    ],
    gpu_product: [
      { key: "gpu", label: t("gpuProduct"), children: service.gpu_product || t("any") },
    ],
    strategy: [
      {
        key: "strategy",
        label: t("figures.strategy"),
        children: <StrategyText strategy={service.strategy} />,
      },
    ],
    progress_deadline_seconds: [
      {
        key: "deadline",
        label: t("deadline"),
        children: t("seconds", { count: service.progress_deadline_seconds }),
      },
    ],
    env: [
      {
        key: "env",
        label: t("env"),
        span: "filled",
        children: <Variables service={service} />,
      },
    ],
    secrets: [
      {
        key: "secrets",
        label: t("secrets"),
        span: "filled",
        children: <Words of={service.secrets.map(secretText)} />,
      },
    ],
    node_selector: [
      {
        key: "selector",
        label: t("nodeSelector"),
        span: "filled",
        children: <Pairs of={service.node_selector} />,
      },
    ],
    command: [
      {
        key: "command",
        label: t("command"),
        span: "filled",
        children: <Words of={[...service.command, ...service.args]} />,
      },
    ],
    // With the command.
    args: [],
    // In the form, and where revisions are compared.
    probes: [],
  };
  return Object.values(rows).flat();
}

function Version({ version }: { version: string | null }) {
  const { t } = useTranslation("serving");
  return version ? <Typography.Text code>{version}</Typography.Text> : t("noVersion");
}

/** What could be rolled out instead. */
function Newest({ project, model }: { project: string; model: string }) {
  const { t } = useTranslation();
  const found = api.useQuery("get", "/api/v1/projects/{project}/models/{model}", {
    params: { path: { project, model } },
  });
  if (found.data) return <Version version={found.data.latest_version} />;
  return found.isError ? t("unknown") : <Spin size="small" />;
}

/** The number that is for good; a temporary one says until when it is. */
function Replicas({ service }: { service: Service }) {
  const { t } = useTranslation("serving");
  const { replicas, temporary_replicas: count, temporary_expires_at: until } = service;
  if (count === null) return replicas;
  return (
    <>
      {t("temporary", { count, permanent: replicas })} {until && <When at={until} />}
    </>
  );
}

/** The variables; of those that the reader may not know, the names. */
function Variables({ service: { env, env_masked: isMasked } }: { service: Service }) {
  const { t } = useTranslation("serving");
  if (!isMasked || Object.keys(env).length === 0) return <Pairs of={env} />;
  return (
    <span title={t("maskedHint")}>
      <Pairs of={env} />
    </span>
  );
}

/** Write where a service finds a secret: `PASSWORD ← database/password`. */
function secretText({ secret, key, env, path }: Service["secrets"][number]): string {
  return `${env ?? path} ← ${key ? `${secret}/${key}` : secret}`;
}

function Pairs({ of }: { of: Record<string, string> }) {
  return <Words of={Object.entries(of).map(([name, value]) => `${name}=${value}`)} />;
}

function Words({ of }: { of: string[] }) {
  const { t } = useTranslation(["serving", "ui"]);
  if (!of.length) return <Typography.Text type="secondary">{t("ui:none")}</Typography.Text>;
  return (
    <span>
      {of.map((word, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice, and is known by its place
        <Typography.Text code key={place} style={{ overflowWrap: "anywhere" }}>
          {word}
        </Typography.Text>
      ))}
    </span>
  );
}
