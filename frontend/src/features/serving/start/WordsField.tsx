import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input } from "antd";
import { useTranslation } from "react-i18next";

interface Props {
  name: string;
  label: string;
  addLabel: string;
}

/** Words of a command, each as it is passed: nothing splits them, and they may have many lines. */
export function WordsField({ name, label, addLabel }: Props) {
  const { t } = useTranslation();
  return (
    <Form.Item label={label}>
      <Form.List name={name}>
        {(words, { add, remove }) => (
          <Flex vertical gap={8}>
            {words.map(({ key, name: index }) => (
              <Flex key={key} gap={8} align="start">
                <Form.Item name={index} style={{ flex: 1, margin: 0 }}>
                  <Input.TextArea
                    autoSize
                    aria-label={`${label} ${index + 1}`}
                    spellCheck={false}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("delete")}
                  onClick={() => remove(index)}
                />
              </Flex>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add("")}>
              {addLabel}
            </Button>
          </Flex>
        )}
      </Form.List>
    </Form.Item>
  );
}
