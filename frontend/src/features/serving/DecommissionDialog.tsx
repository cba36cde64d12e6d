import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ChangeDialog } from "./ChangeDialog";
import type { DialogProps } from "./ServiceActions";
import { useChange } from "./useChange";

interface Values {
  confirmation: string;
  reason?: string;
}

/** Take a service away; its name has to be typed first. */
export function DecommissionDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [form] = Form.useForm<Values>();
  const typed = Form.useWatch("confirmation", form);
  const { attempt, options } = useChange();
  const decommission = api.useMutation(
    "post",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/decommission",
    options,
  );
  return (
    <ChangeDialog
      title={t("decommissionTitle", { service: service.name })}
      okText={t("verbs.decommission")}
      danger
      isBlocked={typed !== service.name}
      error={decommission.error}
      isPending={decommission.isPending}
      form={form}
      onClose={onClose}
      onSubmit={({ reason = "" }) =>
        decommission.mutate({ params: { path }, headers: attempt.headers, body: { reason } })
      }
    >
      <Typography.Paragraph>
        {t("decommissionHint", { environment: service.environment })}
      </Typography.Paragraph>
      <Form.Item name="confirmation" label={t("ui:typeToConfirm", { name: service.name })}>
        <Input autoFocus autoComplete="off" placeholder={service.name} />
      </Form.Item>
    </ChangeDialog>
  );
}
