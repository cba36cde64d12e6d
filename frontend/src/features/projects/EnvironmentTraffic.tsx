import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { TrafficDirection } from "./traffic";

type Environment = Schemas["Environment"];

/** Who may speak to an environment's pods, to whom they may, and where its images are from. */
export function EnvironmentTraffic({ environment }: { environment: Environment }) {
  const { t } = useTranslation("projects");
  const { image_registries: registries } = environment;
  return (
    <Flex vertical gap={4}>
      <Line title={t("traffic.ingress")}>{useWho("ingress", environment.ingress)}</Line>
      <Line title={t("traffic.egress")}>{useWho("egress", environment.egress)}</Line>
      <Line title={t("registries")}>
        {registries.length > 0 ? registries.join(", ") : t("registriesOfPlatform")}
      </Line>
      <Typography.Text type="secondary" style={{ fontSize: 12 }}>
        {t("traffic.needs")}
      </Typography.Text>
    </Flex>
  );
}

function Line({ title, children }: { title: string; children: string }) {
  return (
    <span style={{ overflowWrap: "anywhere" }}>
      <Typography.Text type="secondary">{title}:</Typography.Text> {children}
    </span>
  );
}

function useWho(direction: TrafficDirection, peers: Schemas["Peers"] | null): string {
  const { t } = useTranslation(["projects", "ui"]);
  if (!peers) return t("traffic.all");
  const { environments = [], cidrs = [] } = peers;
  return [t(`traffic.${direction}Always`), ...environments, ...cidrs].join(t("ui:comma"));
}
