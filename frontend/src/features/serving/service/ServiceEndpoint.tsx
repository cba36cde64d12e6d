import { Spin, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { ServiceProps } from "../types";

/** The name and port at which a service answers inside its cluster. */
export function Endpoint({ service, path: { project, environment } }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const found = api.useQuery("get", "/api/v1/projects/{project}/environments/{environment}", {
    params: { path: { project, environment } },
  });
  if (!found.data) return found.isError ? <span>{t("ui:unknown")}</span> : <Spin size="small" />;
  const address = `${service.name}.${found.data.namespace}.svc.cluster.local:${service.port}`;
  return (
    <Typography.Text code copyable={{ text: address }} title={service.protocol}>
      {address}
    </Typography.Text>
  );
}
