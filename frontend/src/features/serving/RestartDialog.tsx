import { Form, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ChangeDialog } from "./ChangeDialog";
import type { DialogProps } from "./ServiceActions";
import { useChange } from "./useChange";

/** Replace every pod by one of the same settings. */
export function RestartDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [form] = Form.useForm<{ reason?: string }>();
  const { attempt, options } = useChange();
  const restart = api.useMutation(
    "post",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/restart",
    options,
  );
  return (
    <ChangeDialog
      title={t("restartTitle", { service: service.name })}
      okText={t("verbs.restart")}
      error={restart.error}
      isPending={restart.isPending}
      form={form}
      onClose={onClose}
      onSubmit={({ reason = "" }) =>
        restart.mutate({ params: { path }, headers: attempt.headers, body: { reason } })
      }
    >
      <Typography.Paragraph>
        {t("restartHint", { count: service.desired_replicas ?? service.replicas })}
      </Typography.Paragraph>
    </ChangeDialog>
  );
}
