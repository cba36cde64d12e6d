import { WarningFilled } from "@ant-design/icons";
import { Card, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { NeedsTable } from "../changes/NeedsTable";
import { needsOf } from "../changes/needs";
import { FitLines } from "../plan/FitLines";
import { StepList } from "../StepList";
import type { Preflight } from "./usePreflight";

interface Props {
  environment: string;
  /** Undefined while the server has not said. */
  preflight: Preflight | undefined;
  oldReplicas: number;
}

/** What the change holds at its peak, against what is left of the quota, as the server says. */
export function WhatFits({ environment, preflight, oldReplicas }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Card size="small" title={t("start.whatFits", { environment })}>
      {preflight ? (
        <Flex vertical gap={12}>
          <FitLines fit={preflight} needs={preflight.needs} />
          <ReplacementText preflight={preflight} oldReplicas={oldReplicas} />
          {preflight.steps.length > 0 && (
            <StepList steps={preflight.steps} replicas={preflight.replicas} />
          )}
          <NeedsTable needs={needsOf(preflight.needs)} />
        </Flex>
      ) : (
        <Typography.Text type="secondary">{t("start.fitUnknown")}</Typography.Text>
      )}
    </Card>
  );
}

/** How pods will be replaced, and what that costs those who ask the service meanwhile. */
function ReplacementText({
  preflight: { replacement, replicas },
  oldReplicas,
}: {
  preflight: Preflight;
  oldReplicas: number;
}) {
  const { t } = useTranslation("serving");
  if (!replacement) return null;
  const { type, max_surge: surge = 0, max_unavailable: missing = 0 } = replacement;
  const least = Math.min(oldReplicas, replicas);
  if (type === "blue_green") return <span>{t("start.dip.beside")}</span>;
  if (type === "recreate") return <Dip>{t("start.dip.recreate")}</Dip>;
  if (!missing) return <span>{t("start.dip.surge", { count: surge })}</span>;
  const answering = Math.max(0, least - missing);
  if (!answering) return <Dip>{t("start.dip.none")}</Dip>;
  return <Dip>{t("start.dip.fewer", { count: missing, answering, of: least })}</Dip>;
}

function Dip({ children }: { children: string }) {
  return (
    <Typography.Text type="warning">
      <WarningFilled /> {children}
    </Typography.Text>
  );
}
