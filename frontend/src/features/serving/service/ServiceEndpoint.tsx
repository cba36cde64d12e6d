import { Spin, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { ServicePath, ServiceProps } from "../types";

/** The environment of a service, whose namespace is part of where it answers. */
export function useEnvironment({ project, environment }: ServicePath) {
  return api.useQuery("get", "/api/v1/projects/{project}/environments/{environment}", {
    params: { path: { project, environment } },
  });
}

/** The name and port at which a service answers inside its cluster. */
export function Endpoint({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const found = useEnvironment(path);
  if (!found.data) return found.isError ? <span>{t("ui:unknown")}</span> : <Spin size="small" />;
  const address = `${service.name}.${found.data.namespace}.svc.cluster.local:${service.port}`;
  return (
    <Typography.Text code copyable={{ text: address }} title={service.protocol}>
      {address}
    </Typography.Text>
  );
}
