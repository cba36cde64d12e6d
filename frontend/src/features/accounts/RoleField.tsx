import { Flex, Form, Radio, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

const ROLES: Schemas["Role"][] = ["viewer", "deployer", "admin"];

/** The choice of a role, with what each may do; each includes the ones before it. */
export function RoleField() {
  const { t } = useTranslation(["accounts", "ui"]);
  return (
    <Form.Item
      name="role"
      label={t("role")}
      rules={[{ required: true, message: t("ui:required") }]}
    >
      <Radio.Group>
        <Flex vertical gap={8}>
          {ROLES.map((role) => (
            <Radio key={role} value={role}>
              {t(`ui:roles.${role}`)}{" "}
              <Typography.Text type="secondary">{t(`mayAs.${role}`)}</Typography.Text>
            </Radio>
          ))}
        </Flex>
      </Radio.Group>
    </Form.Item>
  );
}
