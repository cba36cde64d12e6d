import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Table } from "@/ui/Table";
import { OUTCOMES, useShare, written } from "./measures";

type ServiceDelivery = Schemas["ServiceDelivery"];

interface Props {
  project: string;
  services: ServiceDelivery[];
}

/** The deployments of each service, those with the most first. */
export function ServiceDeliveries({ project, services }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const share = useShare();
  return (
    <Table<ServiceDelivery>
      rowKey={({ environment, service }) => `${environment}/${service}`}
      data={services}
      scroll={{ x: "max-content" }}
      columns={[
        {
          title: t("ui:service"),
          render: (_, { environment, service }) => (
            <Link
              to="/projects/$project/environments/$environment/services/$service"
              params={{ project, environment, service }}
              search={{ tab: "rollouts" }}
            >
              {service}
            </Link>
          ),
        },
        { title: t("ui:environment"), dataIndex: "environment" },
        ...OUTCOMES.map((outcome) => ({
          title: t(`delivery.${outcome}`),
          align: "right" as const,
          render: (_: unknown, { deployments }: ServiceDelivery) => deployments[outcome],
        })),
        {
          title: t("delivery.failedShare"),
          align: "right",
          render: (_, { deployments }) => share(deployments.failed_ratio),
        },
        {
          title: t("delivery.onlineMedian"),
          align: "right",
          render: (_, { total }) => written(total.median_seconds, "–"),
        },
        {
          title: t("delivery.recoverMedian"),
          align: "right",
          render: (_, { recovery }) =>
            recovery.unrecovered
              ? t("delivery.unrecovered", { count: recovery.unrecovered })
              : written(recovery.median_seconds, "–"),
        },
      ]}
    />
  );
}
