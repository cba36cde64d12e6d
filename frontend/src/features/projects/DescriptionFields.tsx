import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";

/** What people read of a project, besides its name. */
export function DescriptionFields() {
  const { t } = useTranslation("projects");
  return (
    <>
      <Form.Item name="display_name" label={t("displayName")} rules={[{ max: 100 }]}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="description" label={t("description")} rules={[{ max: 2000 }]}>
        <Input.TextArea rows={3} />
      </Form.Item>
    </>
  );
}
