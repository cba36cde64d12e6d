import { Link } from "@tanstack/react-router";
import { Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Place } from "./place";

interface Props {
  place: Place;
  users: Schemas["SecretUser"][];
  /** The newest version, which services get with their next rollout. */
  newest: number;
}

/** The services that use a secret; those whose pods have another version say which. */
export function UsedBy({ place, users, newest }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  if (users.length === 0)
    return <Typography.Text type="secondary">{t("secrets.unused")}</Typography.Text>;
  return (
    <Flex gap="4px 12px" wrap>
      {users.map(({ service, version }) => (
        <span key={service}>
          <Link
            to="/projects/$project/environments/$environment/services/$service"
            params={{ ...place, service }}
          >
            {service}
          </Link>{" "}
          {version === null && <Tag>{t("secrets.notYet")}</Tag>}
          {version !== null && version !== newest && (
            <Tag color="orange" title={t("secrets.olderHint")}>
              {t("secrets.older", { version })}
            </Tag>
          )}
        </span>
      ))}
    </Flex>
  );
}
