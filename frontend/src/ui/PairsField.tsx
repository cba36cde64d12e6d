import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import type { FieldPath } from "./fieldErrors";

/** One row of a map that is typed in. */
export interface Pair<T> {
  name: string;
  value: T;
}

interface Props {
  /** The field of the form: a list of `Pair`. */
  field: string;
  label: string;
  nameLabel: string;
  valueLabel: string;
  addLabel: string;
  isNumber?: boolean;
}

/** Return rows as the map that the API takes. */
export function mapOf<T>(pairs: Pair<T>[] | undefined): Record<string, T> {
  return Object.fromEntries((pairs ?? []).map(({ name, value }) => [name, value]));
}

/** Rows of a name and a value. */
export function PairsField({ field, label, nameLabel, valueLabel, addLabel, isNumber }: Props) {
  const { t } = useTranslation();
  const required = [{ required: true, message: t("required") }];
  return (
    <Form.Item label={label}>
      <Form.List name={field}>
        {(rows, { add, remove }) => (
          <Flex vertical gap={8}>
            {rows.map(({ key, name }) => (
              <Flex key={key} gap={8} align="start">
                <Form.Item name={[name, "name"]} rules={required} style={{ flex: 1, margin: 0 }}>
                  <Input placeholder={nameLabel} aria-label={nameLabel} />
                </Form.Item>
                <Form.Item
                  name={[name, "value"]}
                  rules={isNumber ? required : []}
                  style={{ flex: 1, margin: 0 }}
                >
                  {isNumber ? (
                    <InputNumber
                      placeholder={valueLabel}
                      aria-label={valueLabel}
                      style={{ width: "100%" }}
                    />
                  ) : (
                    <Input placeholder={valueLabel} aria-label={valueLabel} />
                  )}
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("delete")}
                  onClick={() => remove(name)}
                />
              </Flex>
            ))}
            <Button
              type="dashed"
              icon={<PlusOutlined />}
              onClick={() => add(isNumber ? undefined : { value: "" })}
            >
              {addLabel}
            </Button>
          </Flex>
        )}
      </Form.List>
    </Form.Item>
  );
}

/** Return where the value of a map's key is in its rows; other paths stay as they are. */
export function pairPath(
  path: FieldPath,
  fields: Record<string, Pair<unknown>[] | undefined>,
): FieldPath {
  const [field, name] = path;
  const rows = fields[String(field)];
  const row = rows?.findIndex((pair) => pair.name === String(name)) ?? -1;
  return field !== undefined && row >= 0 ? [field, row, "value"] : path;
}
