import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  LoadingOutlined,
  PauseCircleFilled,
} from "@ant-design/icons";
import { Steps, Typography } from "antd";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { exactTime } from "@/ui/Time";
import type { RolloutDetail } from "../types";
import { type Stage, type StageState, stagesOf } from "./stages";

const STATUS = {
  done: "finish",
  now: "process",
  paused: "process",
  stuck: "error",
  ahead: "wait",
} as const;

const ICON: Record<StageState, ReactNode> = {
  done: <CheckCircleFilled />,
  now: <LoadingOutlined />,
  paused: <PauseCircleFilled />,
  stuck: <CloseCircleFilled />,
  ahead: <ClockCircleOutlined />,
};

/** Where a rollout is, stage by stage. */
export function RolloutStepper({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const words = (stage: Stage) =>
    stage.key === "returned" ? t(`returning.${stage.state as "now"}`) : t(`stages.${stage.key}`);
  return (
    <Steps
      size="small"
      titlePlacement="vertical"
      items={stagesOf(rollout).map((stage) => ({
        key: stage.key,
        status: STATUS[stage.state],
        icon: ICON[stage.state],
        title: words(stage),
        content: (
          <Typography.Text type="secondary" title={stage.at ? exactTime(stage.at) : undefined}>
            {stage.at ? dayjs(stage.at).format("HH:mm:ss") : t(`stageStates.${stage.state}`)}
          </Typography.Text>
        ),
      }))}
    />
  );
}
