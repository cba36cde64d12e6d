import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { SECRET_NAME } from "./place";

/** What a secret is called; services name it so. */
export function SecretNameField({ placeholder }: { placeholder: string }) {
  const { t } = useTranslation(["projects", "ui"]);
  return (
    <Form.Item
      name="name"
      label={t("ui:name")}
      rules={[
        { required: true, message: t("ui:required") },
        { pattern: SECRET_NAME, message: t("nameRule") },
      ]}
    >
      <Input autoComplete="off" spellCheck={false} maxLength={63} placeholder={placeholder} />
    </Form.Item>
  );
}
