import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import type { DialogProps } from "../types";
import { ChangeDialog } from "./ChangeDialog";

/** Replace every pod by one of the same settings. */
export function RestartDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation("serving");
  return (
    <ChangeDialog
      title={t("restartTitle", { service: service.name })}
      verb={t("verbs.restart")}
      onClose={onClose}
      send={({ reason = "" }, headers) =>
        client
          .POST(
            "/api/v1/projects/{project}/environments/{environment}/services/{service}/restart",
            { params: { path }, body: { reason }, headers },
          )
          .then(answerOf)
      }
    >
      <Typography.Paragraph>
        {t("restartHint", { count: service.desired_replicas ?? service.replicas })}
      </Typography.Paragraph>
    </ChangeDialog>
  );
}
