import { CheckCircleFilled, ClockCircleOutlined, PlayCircleFilled } from "@ant-design/icons";
import { Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatDuration } from "@/ui/Time";
import { isRounded, type ShownStep, type StepState } from "./steps";
import "./steps.css";

const ICON: Record<StepState, ReactNode> = {
  done: <CheckCircleFilled style={{ color: "var(--ant-color-success)" }} />,
  now: <PlayCircleFilled style={{ color: "var(--ant-color-primary)" }} />,
  ahead: <ClockCircleOutlined style={{ color: "var(--ant-color-text-tertiary)" }} />,
};

interface Props {
  steps: ShownStep[];
  /** How many pods there are to be at the end. */
  replicas: number;
  /** Of a rollout: where each step stands, and the end after them. */
  states?: StepState[];
  /** What is said of the step that it stands at. */
  now?: ReactNode;
}

/** The steps of a change, each with the pods of both sides; at the end all pods are the new ones. */
export function StepList({ steps, replicas, states, now }: Props) {
  const { t } = useTranslation("serving");
  // The last is all that is left to do after the others.
  return (
    <ol className="slipway-steps" aria-label={t("steps.title")}>
      {[...steps, undefined].map((step, place) => {
        const state = states?.[place];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <li key={place} aria-current={state === "now" ? "step" : undefined}>
            {state ? (
              <span title={t(`steps.states.${state}`)}>{ICON[state]}</span>
            ) : (
              <span className="slipway-step-number">{place + 1}</span>
            )}
            <div>
              {step ? <StepText step={step} /> : t("steps.end", { count: replicas })}
              {state === "now" && now && <div>{now}</div>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function StepText({ step }: { step: ShownStep }) {
  const { t } = useTranslation("serving");
  if (step.kind === "pause")
    return (
      <span>
        {step.seconds === null
          ? t("steps.untilPromoted")
          : t("steps.pause", { duration: formatDuration(step.seconds) })}
      </span>
    );
  const { weight, candidate_replicas: fresh, running_replicas: old, share } = step;
  const percent = Math.round((share ?? 0) * 100);
  return (
    <span>
      {weight ? t("steps.weight", { weight }) : t("steps.beside")}{" "}
      <Typography.Text type="secondary">{t("steps.pods", { fresh, old })}</Typography.Text>
      {isRounded(step) && (
        <>
          {" "}
          <Typography.Text type="warning">{t("steps.rounded", { percent })}</Typography.Text>
        </>
      )}
    </span>
  );
}
