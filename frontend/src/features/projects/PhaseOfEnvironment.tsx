import { CheckCircleFilled, ClockCircleOutlined, DeleteOutlined } from "@ant-design/icons";
import { Tag } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

type Phase = Schemas["EnvironmentPhase"];

const LOOK: Record<Phase, readonly [color: string, icon: ReactNode]> = {
  Pending: ["processing", <ClockCircleOutlined key="i" />],
  Ready: ["success", <CheckCircleFilled key="i" />],
  Terminating: ["warning", <DeleteOutlined key="i" />],
};

/** Whether an environment is as specified on its cluster. */
export function PhaseOfEnvironment({ phase }: { phase: Phase }) {
  const { t } = useTranslation("projects");
  const [color, icon] = LOOK[phase];
  return (
    <Tag color={color} icon={icon} style={{ margin: 0 }}>
      {t(`phases.${phase}`)}
    </Tag>
  );
}
