import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { ClusterFields } from "./ClusterFields";

/** Take a cluster into operation. */
export function RegisterCluster({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["platform", "ui"]);
  return (
    <FormDialog<Schemas["ClusterCreateRequest"], Schemas["Cluster"]>
      isWide
      title={t("registerTitle")}
      verb={t("register")}
      onClose={onClose}
      send={(body, headers) => client.POST("/api/v1/clusters", { body, headers }).then(answerOf)}
    >
      <Form.Item
        name="name"
        label={t("ui:name")}
        extra={t("nameHint")}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <Input autoComplete="off" spellCheck={false} maxLength={63} />
      </Form.Item>
      <ClusterFields isKnown={false} />
    </FormDialog>
  );
}
