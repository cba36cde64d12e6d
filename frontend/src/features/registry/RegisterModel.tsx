import { useNavigate } from "@tanstack/react-router";
import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { mapOf, type Pair, PairsField } from "@/ui/PairsField";

interface Values {
  name: string;
  description?: string;
  labels?: Pair<string>[];
}

/** Give a model its name; its versions come after. */
export function RegisterModel({ project, onClose }: { project: string; onClose: () => void }) {
  const { t } = useTranslation(["registry", "ui"]);
  const navigate = useNavigate();
  return (
    <FormDialog<Values, string>
      title={t("registerModel")}
      verb={t("register")}
      onClose={onClose}
      onDone={(model) =>
        void navigate({ to: "/projects/$project/models/$model", params: { project, model } })
      }
      send={async ({ name, description = "", labels }, headers) => {
        await client.POST("/api/v1/projects/{project}/models", {
          params: { path: { project } },
          body: { name, description, labels: mapOf(labels) },
          headers,
        });
        return name;
      }}
    >
      <Form.Item
        name="name"
        label={t("ui:name")}
        extra={t("nameHint")}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <Input autoComplete="off" spellCheck={false} maxLength={63} />
      </Form.Item>
      <Form.Item name="description" label={t("description")}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} />
      </Form.Item>
      <PairsField
        field="labels"
        label={t("labels")}
        nameLabel={t("labelName")}
        valueLabel={t("labelValue")}
        addLabel={t("addLabel")}
      />
    </FormDialog>
  );
}
