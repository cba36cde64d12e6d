import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  ExclamationCircleFilled,
  MinusCircleOutlined,
  PauseCircleFilled,
  QuestionCircleOutlined,
  RollbackOutlined,
  StopOutlined,
  SyncOutlined,
} from "@ant-design/icons";
import { Tag } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

export type Health = Schemas["Health"];
export type Phase = Schemas["RolloutPhase"];

/** A state is an icon, a word and a colour: none of them alone. */
type Look = readonly [color: string, icon: ReactNode];

export const HEALTH_LOOK: Record<Health, Look> = {
  Healthy: ["success", <CheckCircleFilled key="i" />],
  Progressing: ["processing", <SyncOutlined key="i" />],
  Degraded: ["error", <ExclamationCircleFilled key="i" />],
  Stopped: ["default", <MinusCircleOutlined key="i" />],
  Unknown: ["warning", <QuestionCircleOutlined key="i" />],
};

const PHASE_LOOK: Record<Phase, Look> = {
  Pending: ["default", <ClockCircleOutlined key="i" />],
  Progressing: ["processing", <SyncOutlined key="i" spin />],
  Paused: ["warning", <PauseCircleFilled key="i" />],
  RollingBack: ["warning", <RollbackOutlined key="i" />],
  Succeeded: ["success", <CheckCircleFilled key="i" />],
  Failed: ["error", <CloseCircleFilled key="i" />],
  Aborted: ["default", <StopOutlined key="i" />],
};

/** How a service is. */
export function HealthTag({ health }: { health: Health }) {
  const { t } = useTranslation();
  const [color, icon] = HEALTH_LOOK[health];
  return (
    <Tag color={color} icon={icon}>
      {t(`healths.${health}`)}
    </Tag>
  );
}

/** Where a rollout is. */
export function PhaseTag({ phase }: { phase: Phase }) {
  const { t } = useTranslation();
  const [color, icon] = PHASE_LOOK[phase];
  return (
    <Tag color={color} icon={icon}>
      {t(`phases.${phase}`)}
    </Tag>
  );
}
