import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { StepList } from "../StepList";
import type { RolloutDetail } from "../types";

interface Props {
  rollout: RolloutDetail;
  onClose: () => void;
}

/** Skip all steps that are left: every pod becomes one of the new version. */
export function PromoteDialog({ rollout, onClose }: Props) {
  const { t } = useTranslation("serving");
  const { id, service, to_version: version, desired_replicas: replicas } = rollout;
  const skipped = rollout.steps.slice(rollout.step);
  return (
    <FormDialog
      title={t("promoteTitle", { service })}
      verb={t("verbs.promote_fully")}
      onClose={onClose}
      send={() =>
        client
          .POST("/api/v1/rollouts/{rollout}/promote", {
            params: { path: { rollout: id } },
            body: { full: true },
          })
          .then(answerOf)
      }
    >
      <Typography.Paragraph>
        {t("promoteHint", { version, count: skipped.length })}
      </Typography.Paragraph>
      <StepList steps={skipped} replicas={replicas} />
    </FormDialog>
  );
}
