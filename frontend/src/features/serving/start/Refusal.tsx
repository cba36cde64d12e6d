import { Link } from "@tanstack/react-router";
import { Alert, Flex } from "antd";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { isUnanswered } from "@/api/repeatable";
import { ProblemView } from "@/ui/ProblemView";

interface Props {
  error: unknown;
  /** The service that exists now, although its first rollout was not started. */
  created: string | undefined;
}

/** On a narrow page it may be far from the button that was pressed. */
function reveal(box: HTMLElement | null): void {
  box?.scrollIntoView({ block: "nearest" });
}

/** What was not done and why, what was done all the same, and what to do next. */
export function Refusal({ error, created }: Props) {
  const { t } = useTranslation("serving");
  const { details } = asProblem(error).body;
  const running = details?.rollout;
  return (
    <Flex vertical gap={8} ref={reveal}>
      {created && (
        <Alert
          type="info"
          showIcon
          title={t("start.created", { service: created })}
          description={t(isUnanswered(error) ? "start.createdUnanswered" : "start.createdHint")}
        />
      )}
      <ProblemView error={error} />
      {!created && isUnanswered(error) && <span>{t("start.unanswered")}</span>}
      {typeof running === "string" && (
        <Link to="/rollouts/$rollout" params={{ rollout: running }}>
          {t("start.watchRunning")}
        </Link>
      )}
    </Flex>
  );
}
