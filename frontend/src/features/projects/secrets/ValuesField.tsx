import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { KEY_NAME } from "./place";

/** A key and what it holds; `value` is left empty where it stays as it is. */
export interface Row {
  key: string;
  value?: string;
}

interface Props {
  /** Keys that the secret has already: they stay unless something is typed. */
  known?: string[];
}

/** Keys with their values. What is typed may have many lines, such as a certificate. */
export function ValuesField({ known = [] }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const keyRules = [
    { required: true, message: t("ui:required") },
    { pattern: KEY_NAME, message: t("secrets.keyRule") },
  ];
  return (
    <Form.Item label={t("secrets.values")} extra={t("secrets.valuesHint")}>
      <Form.List name="rows">
        {(rows, { add, remove }) => (
          <Flex vertical gap={8}>
            {rows.map(({ key, name }) => (
              <Flex key={key} gap={8} align="start">
                <Form.Item name={[name, "key"]} rules={keyRules} style={{ flex: 1, margin: 0 }}>
                  <Input
                    aria-label={t("secrets.key")}
                    placeholder={t("secrets.key")}
                    autoComplete="off"
                    spellCheck={false}
                    disabled={name < known.length}
                  />
                </Form.Item>
                <Form.Item name={[name, "value"]} style={{ flex: 2, margin: 0 }}>
                  <Input.TextArea
                    autoSize
                    aria-label={t("secrets.value")}
                    placeholder={t(name < known.length ? "secrets.unchanged" : "secrets.value")}
                    autoComplete="off"
                    spellCheck={false}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("ui:delete")}
                  disabled={name < known.length}
                  onClick={() => remove(name)}
                />
              </Flex>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ key: "" })}>
              {t("secrets.addKey")}
            </Button>
          </Flex>
        )}
      </Form.List>
    </Form.Item>
  );
}
