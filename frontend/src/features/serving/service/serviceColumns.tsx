import { Link } from "@tanstack/react-router";
import { Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ReasonText } from "@/ui/Reason";
import { HealthTag } from "@/ui/Status";
import type { TableColumns } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { DriftMark } from "../drift/DriftMark";
import { ResourceAmounts } from "../ResourceAmounts";
import type { ListedService } from "../types";

/** The columns of the list of services. */
export function useServiceColumns(): TableColumns<ListedService> {
  const { t } = useTranslation(["serving", "ui"]);
  return [
    {
      title: t("ui:name"),
      sortBy: "name",
      render: (_, { name, project, environment }) => (
        <Link
          to="/projects/$project/environments/$environment/services/$service"
          params={{ project, environment, service: name }}
          style={{ whiteSpace: "nowrap" }}
        >
          {name}
        </Link>
      ),
    },
    { title: t("ui:environment"), sortBy: "environment", dataIndex: "environment" },
    {
      title: t("ui:health"),
      sortBy: "health",
      render: (_, { health, drift }) => (
        <Flex gap={4} wrap>
          <HealthTag health={health} />
          <DriftMark drift={drift} />
        </Flex>
      ),
    },
    {
      title: t("why"),
      render: (_, { reason = "", message }) => (
        <Typography.Text title={message ?? ""} type="secondary">
          <ReasonText reason={reason} />
        </Typography.Text>
      ),
    },
    {
      title: t("ui:version"),
      render: (_, { current_version: version }) =>
        version ? (
          <Typography.Text code style={{ whiteSpace: "nowrap" }}>
            {version}
          </Typography.Text>
        ) : (
          <Typography.Text type="secondary">{t("noVersion")}</Typography.Text>
        ),
    },
    {
      title: t("readyColumn"),
      sortBy: "-desired_replicas",
      align: "right",
      render: (_, { ready_replicas: ready, desired_replicas: desired, stale }) =>
        stale ? `? / ${desired}` : `${ready} / ${desired}`,
    },
    {
      title: t("holds"),
      render: (_, { resources, desired_replicas: desired = 0 }) =>
        desired ? (
          <ResourceAmounts resources={resources.requests ?? {}} times={desired} />
        ) : (
          t("ui:none")
        ),
    },
    {
      title: t("rollout"),
      render: (_, { rollout }) =>
        rollout && (
          <Link to="/rollouts/$rollout" params={{ rollout: rollout.id }}>
            {t(`ui:kinds.${rollout.kind}`)}
            {rollout.phase && ` · ${t(`ui:phases.${rollout.phase}`)}`}
          </Link>
        ),
    },
    {
      title: t("observed"),
      render: (_, { observed_at: at, stale }) => (
        <>
          <Age at={at} /> {stale && <Tag color="warning">{t("ui:stale")}</Tag>}
        </>
      ),
    },
  ];
}
