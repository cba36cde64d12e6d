import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import type { RolloutDetail } from "../types";

interface Props {
  rollout: RolloutDetail;
  onClose: () => void;
}

/** Stop a rollout on its way; what served before serves again. */
export function AbortDialog({ rollout, onClose }: Props) {
  const { t } = useTranslation("serving");
  const { id, service, from_version: version, from_revision: revision } = rollout;
  return (
    <FormDialog
      title={t("abortTitle", { service })}
      verb={t("verbs.abort")}
      isDanger
      onClose={onClose}
      send={() =>
        client
          .POST("/api/v1/rollouts/{rollout}/abort", { params: { path: { rollout: id } } })
          .then(answerOf)
      }
    >
      <Typography.Paragraph>
        {version ? t("abortHint", { version, revision }) : t("abortHintFirst")}
      </Typography.Paragraph>
    </FormDialog>
  );
}
