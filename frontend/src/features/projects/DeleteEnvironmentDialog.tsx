import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";

interface Props {
  environment: Schemas["Environment"];
  onClose: () => void;
}

/** Give up a place on a cluster; its name has to be typed first. */
export function DeleteEnvironmentDialog({ environment, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const { project, name, namespace, cluster } = environment;
  const [form] = Form.useForm<{ confirmation: string }>();
  const typed = Form.useWatch("confirmation", form);
  return (
    <FormDialog
      title={t("deleteEnvironmentTitle", { environment: name })}
      verb={t("ui:delete")}
      isDanger
      isBlocked={typed !== name}
      form={form}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}/environments/{environment}", {
            params: { path: { project, environment: name } },
          })
          .then(answerOf)
      }
    >
      <Typography.Paragraph>
        {t("deleteEnvironmentHint", { namespace, cluster })}
      </Typography.Paragraph>
      <Form.Item name="confirmation" label={t("ui:typeToConfirm", { name })}>
        <Input autoFocus autoComplete="off" placeholder={name} />
      </Form.Item>
    </FormDialog>
  );
}
