import { WarningFilled } from "@ant-design/icons";
import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { PhaseOfEnvironment } from "./PhaseOfEnvironment";

interface Props {
  environments: Schemas["ProjectEnvironment"][] | undefined;
}

/** Where a project is: each environment with its cluster, and what is not as it should be. */
export function EnvironmentNames({ environments }: Props) {
  const { t } = useTranslation();
  const { t: tProjects } = useTranslation("projects");
  if (!environments) return <i>{t("unknown")}</i>;
  if (environments.length === 0)
    return <Typography.Text type="secondary">{tProjects("noEnvironments")}</Typography.Text>;
  return (
    <Flex vertical gap={2}>
      {environments.map(({ name, cluster, phase, stale }) => (
        <Flex key={name} gap={6} align="center" wrap>
          <span>{name}</span>
          <Typography.Text type="secondary">{cluster}</Typography.Text>
          {phase !== "Ready" && <PhaseOfEnvironment phase={phase} />}
          {stale && (
            <Typography.Text type="warning">
              <WarningFilled /> {t("stale")}
            </Typography.Text>
          )}
        </Flex>
      ))}
    </Flex>
  );
}
