import { Link } from "@tanstack/react-router";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Place } from "./versions";

interface Props {
  project: string;
  places: Place[] | undefined;
}

/** The services that a version serves in now. */
export function RunsIn({ project, places }: Props) {
  const { t } = useTranslation(["registry", "ui"]);
  if (places === undefined)
    return <Typography.Text type="secondary">{t("ui:unknown")}</Typography.Text>;
  if (places.length === 0)
    return <Typography.Text type="secondary">{t("runsNowhere")}</Typography.Text>;
  return (
    <ul className="slipway-plain-list">
      {places.map(({ environment, service, replicas }) => (
        <li key={`${environment}/${service}`} style={{ whiteSpace: "nowrap" }}>
          <Link
            to="/projects/$project/environments/$environment/services/$service"
            params={{ project, environment, service }}
          >
            {environment} / {service}
          </Link>{" "}
          <Typography.Text type="secondary" className="slipway-number">
            {replicas === null ? t("ui:unknown") : t("replicas", { count: replicas })}
          </Typography.Text>
        </li>
      ))}
    </ul>
  );
}
