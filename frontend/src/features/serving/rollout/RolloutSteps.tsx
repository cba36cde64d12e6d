import { Card, Flex } from "antd";
import { useTranslation } from "react-i18next";
import { exactTime, useNow } from "@/ui/Time";
import { countdownTo } from "../countdown";
import { StepList } from "../StepList";
import { endOfPause, stepStates } from "../steps";
import type { RolloutDetail } from "../types";
import { TrafficSplit } from "./TrafficSplit";

const SECOND_MS = 1000;

/** Where a rollout stands among its steps, how requests are split, and what comes next. */
export function RolloutSteps({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation("serving");
  if (!rollout.steps.length) return null;
  return (
    <Card size="small" title={t("steps.title")}>
      <Flex vertical gap={16}>
        <StepList
          steps={rollout.steps}
          replicas={rollout.desired_replicas}
          states={stepStates(rollout)}
          now={<Now rollout={rollout} />}
        />
        <TrafficSplit rollout={rollout} />
      </Flex>
    </Card>
  );
}

function Now({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation("serving");
  const now = useNow(SECOND_MS);
  const end = endOfPause(rollout);
  if (rollout.reason === "AwaitingPromotion") return t("steps.waitsForYou");
  const left = end && countdownTo(end, now);
  if (!end || !left) return null;
  return (
    <time dateTime={end} title={exactTime(end)} className="slipway-number">
      {t("steps.goesOnIn", { left })}
    </time>
  );
}
