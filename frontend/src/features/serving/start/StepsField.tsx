import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { nextStep, type StepKind, type StepRow } from "./values";

/** Where the steps of a strategy are in the form. */
export const STEPS = ["strategy", "steps"];

/** The steps of a canary, or the pauses of blue-green before all requests are switched. */
export function StepsField({ withWeights }: { withWeights: boolean }) {
  const { t } = useTranslation(["serving", "ui"]);
  const form = Form.useFormInstance();
  return (
    <Form.Item label={t("steps.title")} extra={t("start.stepsHint")}>
      <Form.List name={STEPS}>
        {(rows, { add, remove }) => (
          <Flex vertical gap={8} style={{ maxWidth: 440 }}>
            {rows.map(({ key, name: place }) => (
              <StepFields
                key={key}
                place={place}
                withWeights={withWeights}
                onRemove={() => remove(place)}
              />
            ))}
            <Button
              type="dashed"
              icon={<PlusOutlined />}
              onClick={() => add(nextStep(form.getFieldValue(STEPS) as StepRow[], withWeights))}
            >
              {t("start.addStep")}
            </Button>
          </Flex>
        )}
      </Form.List>
    </Form.Item>
  );
}

interface Props {
  place: number;
  withWeights: boolean;
  onRemove: () => void;
}

function StepFields({ place, withWeights, onRemove }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const kind = Form.useWatch<StepKind>([...STEPS, place, "kind"]);
  const number = t("start.stepNumber", { number: place + 1 });
  const kinds: StepKind[] = withWeights ? ["weight", "wait", "pause"] : ["wait", "pause"];
  const required = [{ required: true, message: t("ui:required") }];
  return (
    <Flex gap={8} align="start">
      <Form.Item name={[place, "kind"]} style={{ flex: 1, margin: 0 }}>
        <Select<StepKind>
          aria-label={number}
          options={kinds.map((value) => ({ value, label: t(`start.stepKinds.${value}`) }))}
        />
      </Form.Item>
      {kind === "weight" && (
        <Form.Item name={[place, "weight"]} rules={required} style={{ width: 110, margin: 0 }}>
          <InputNumber
            aria-label={`${number}: ${t("start.stepKinds.weight")}`}
            min={1}
            max={100}
            precision={0}
            suffix="%"
            style={{ width: "100%" }}
          />
        </Form.Item>
      )}
      {kind === "wait" && (
        <Form.Item name={[place, "lasts"]} rules={required} style={{ width: 110, margin: 0 }}>
          <Input aria-label={`${number}: ${t("start.stepKinds.wait")}`} placeholder="5m" />
        </Form.Item>
      )}
      <Button
        type="text"
        icon={<MinusCircleOutlined />}
        aria-label={`${t("ui:delete")}: ${number}`}
        onClick={onRemove}
      />
    </Flex>
  );
}
