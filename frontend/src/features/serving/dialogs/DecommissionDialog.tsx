import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import type { DialogProps } from "../types";
import { ChangeDialog } from "./ChangeDialog";

/** Take a service away; its name has to be typed first. */
export function DecommissionDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [form] = Form.useForm<{ confirmation: string; reason?: string }>();
  const typed = Form.useWatch("confirmation", form);
  return (
    <ChangeDialog<{ confirmation: string }>
      title={t("decommissionTitle", { service: service.name })}
      verb={t("verbs.decommission")}
      isDanger
      isBlocked={typed !== service.name}
      form={form}
      onClose={onClose}
      send={({ reason = "" }, headers) =>
        client
          .POST(
            "/api/v1/projects/{project}/environments/{environment}/services/{service}/decommission",
            { params: { path }, body: { reason }, headers },
          )
          .then(answerOf)
      }
    >
      <Typography.Paragraph>
        {t("decommissionHint", { environment: service.environment })}
      </Typography.Paragraph>
      <Form.Item name="confirmation" label={t("ui:typeToConfirm", { name: service.name })}>
        <Input autoComplete="off" placeholder={service.name} />
      </Form.Item>
    </ChangeDialog>
  );
}
