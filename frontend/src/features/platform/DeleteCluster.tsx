import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import type { ClusterDialogProps } from "./EditCluster";

/** Forget a cluster; its name has to be typed first. */
export function DeleteCluster({ cluster, onClose }: ClusterDialogProps) {
  const { t } = useTranslation(["platform", "ui"]);
  const [form] = Form.useForm<{ confirmation: string }>();
  const typed = Form.useWatch("confirmation", form);
  return (
    <FormDialog<{ confirmation: string }, unknown>
      title={t("deleteTitle", { cluster: cluster.name })}
      verb={t("ui:delete")}
      isDanger
      isBlocked={typed !== cluster.name}
      form={form}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/clusters/{cluster}", { params: { path: { cluster: cluster.name } } })
          .then(answerOf)
      }
    >
      <Typography.Paragraph>{t("deleteHint")}</Typography.Paragraph>
      <Form.Item name="confirmation" label={t("ui:typeToConfirm", { name: cluster.name })}>
        <Input autoFocus autoComplete="off" placeholder={cluster.name} />
      </Form.Item>
    </FormDialog>
  );
}
