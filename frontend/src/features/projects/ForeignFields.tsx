import { Flex, Form, Radio, Typography } from "antd";
import { useTranslation } from "react-i18next";

const CHOICES = ["take_over", "refuse"] as const;

/** What happens to fields of our objects that somebody else wrote. */
export function ForeignFields() {
  const { t } = useTranslation("projects");
  return (
    <Form.Item
      name="foreign_fields"
      label={t("foreignFields.title")}
      style={{ marginTop: 24, marginBottom: 0 }}
    >
      <Radio.Group
        vertical
        options={CHOICES.map((choice) => ({
          value: choice,
          label: (
            <Flex vertical>
              {t(`foreignFields.${choice}`)}
              <Typography.Text type="secondary">
                {t(`foreignFields.${choice}_hint`)}
              </Typography.Text>
            </Flex>
          ),
        }))}
      />
    </Form.Item>
  );
}
