import { getRouteApi } from "@tanstack/react-router";
import { Flex, Skeleton, Typography } from "antd";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { Logins } from "./Logins";
import { useLogins, useSecrets } from "./place";
import { Secrets } from "./Secrets";

const route = getRouteApi("/app/projects/$project/environments/$environment/secrets");

/** What services of one environment may know and nobody may read. */
export function SecretsPage() {
  const { t } = useTranslation("projects");
  const place = route.useParams();
  const lists = [useSecrets(place), useLogins(place)];
  // Together: the second would be pushed down by what comes of the first.
  const isAwaited = useDeferredValue(
    lists.some((list) => list.isLoading),
    true,
  );
  return (
    <Flex vertical gap={32}>
      <Typography.Title level={2} className="slipway-subtitle">
        {t("secrets.of", { environment: place.environment })}
      </Typography.Title>
      {isAwaited ? (
        <Skeleton active />
      ) : (
        <>
          <Secrets place={place} />
          <Logins place={place} />
        </>
      )}
    </Flex>
  );
}
