import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { HealthTag } from "@/ui/Status";
import type { ListedService } from "../types";

/** An environment to choose: its cluster, and whether it stands already. */
export function PhaseLabel({ environment }: { environment: Schemas["Environment"] }) {
  const { t } = useTranslation("serving");
  const { name, cluster, status } = environment;
  return (
    <Flex justify="space-between" gap={12}>
      {name}
      <Typography.Text type="secondary">
        {status.ready ? cluster : t("start.notReady", { cluster })}
      </Typography.Text>
    </Flex>
  );
}

/** A service to choose: what it serves, and how it is. */
export function ServiceLabel({ service }: { service: ListedService }) {
  const { t } = useTranslation("serving");
  const { name, current_version: version, health } = service;
  return (
    <Flex justify="space-between" gap={12}>
      {name}
      <span>
        <Typography.Text type="secondary">
          {version ? t("versionIs", { version }) : t("noVersion")}
        </Typography.Text>{" "}
        <HealthTag health={health} />
      </span>
    </Flex>
  );
}
