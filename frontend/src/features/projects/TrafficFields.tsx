import { Form, Radio, Select, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { isStated, type TrafficDirection } from "./traffic";

interface Props {
  direction: TrafficDirection;
}

/** Who may speak to an environment's pods, or to whom they may: everybody, or who is stated. */
export function TrafficFields({ direction }: Props) {
  const { t } = useTranslation("projects");
  const mode: unknown = Form.useWatch([direction, "mode"]);
  return (
    <fieldset className="slipway-plain-fieldset">
      <legend>
        <Typography.Text strong>{t(`traffic.${direction}`)}</Typography.Text>
      </legend>
      <Form.Item
        name={[direction, "mode"]}
        extra={t(`traffic.${direction}Hint`)}
        style={{ marginBottom: 12 }}
      >
        <Radio.Group
          options={[
            { value: "stated", label: t("traffic.stated") },
            { value: "all", label: t("traffic.all") },
          ]}
        />
      </Form.Item>
      {isStated(mode) && (
        <>
          <NamesField
            path={[direction, "environments"]}
            label={t("traffic.environments")}
            example="fraud/production"
          />
          <NamesField path={[direction, "cidrs"]} label={t("traffic.cidrs")} example="10.0.0.0/8" />
        </>
      )}
    </fieldset>
  );
}

interface NamesFieldProps {
  path: string | string[];
  label: string;
  example: string;
  hint?: string;
}

/** Several names that are typed in, one after the other. */
export function NamesField({ path, label, example, hint }: NamesFieldProps) {
  return (
    <Form.Item name={path} label={label} extra={hint} style={{ marginBottom: 12 }}>
      <Select<string[]>
        mode="tags"
        open={false}
        suffixIcon={null}
        tokenSeparators={[",", " "]}
        placeholder={example}
      />
    </Form.Item>
  );
}
