import { useNavigate } from "@tanstack/react-router";
import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";

interface Props {
  name: string;
  onClose: () => void;
}

/** Forget a project that holds nothing; its name has to be typed first. */
export function DeleteProjectDialog({ name, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const navigate = useNavigate();
  const [form] = Form.useForm<{ confirmation: string }>();
  const typed = Form.useWatch("confirmation", form);
  return (
    <FormDialog
      title={t("deleteTitle", { project: name })}
      verb={t("ui:delete")}
      isDanger
      isBlocked={typed !== name}
      form={form}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}", { params: { path: { project: name } } })
          .then(answerOf)
          // Before anything is fetched again: this page has nothing to show any more.
          .then(() => navigate({ to: "/projects" }))
      }
    >
      <Typography.Paragraph>{t("deleteHint")}</Typography.Paragraph>
      <Form.Item name="confirmation" label={t("ui:typeToConfirm", { name })}>
        <Input autoFocus autoComplete="off" placeholder={name} />
      </Form.Item>
    </FormDialog>
  );
}
