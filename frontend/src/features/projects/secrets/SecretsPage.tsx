import { getRouteApi } from "@tanstack/react-router";
import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Logins } from "./Logins";
import { Secrets } from "./Secrets";

const route = getRouteApi("/app/projects/$project/environments/$environment/secrets");

/** What services of one environment may know and nobody may read. */
export function SecretsPage() {
  const { t } = useTranslation("projects");
  const place = route.useParams();
  return (
    <Flex vertical gap={32}>
      <Typography.Title level={2} className="slipway-subtitle">
        {t("secrets.of", { environment: place.environment })}
      </Typography.Title>
      <Secrets place={place} />
      <Logins place={place} />
    </Flex>
  );
}
