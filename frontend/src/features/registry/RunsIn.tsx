import { Link } from "@tanstack/react-router";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

interface Props {
  project: string;
  places: Schemas["Place"][];
}

/** The services that a version serves in now. */
export function RunsIn({ project, places }: Props) {
  const { t } = useTranslation("registry");
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
            {t("replicas", { count: replicas })}
          </Typography.Text>
        </li>
      ))}
    </ul>
  );
}
