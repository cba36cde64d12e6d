import { Collapse, Form, InputNumber, Select, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { PairsField } from "@/ui/PairsField";
import { ProbeFields } from "./ProbeFields";
import { SecretsField } from "./SecretsField";
import { ProtocolFields } from "./SettingsFields";
import { STEPS, StepsField } from "./StepsField";
import { PROBES, type StepRow, type StrategyChoice } from "./values";
import { WordsField } from "./WordsField";

const STRATEGIES: StrategyChoice[] = ["automatic", "rolling", "recreate", "canary", "blue_green"];

const FIRST_STEPS: StepRow[] = [
  { kind: "weight", weight: 10 },
  { kind: "pause" },
  { kind: "weight", weight: 50 },
  { kind: "wait", lasts: "5m" },
];

interface Props {
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  /** What a service speaks is seldom changed once it exists. */
  withProtocol: boolean;
  /** Whose secrets there are to choose from. */
  place: { project: string; environment: string };
}

/** What is seldom changed. */
export function AdvancedFields({ isOpen, onToggle, withProtocol, place }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Collapse
      activeKey={isOpen ? ["advanced"] : []}
      onChange={(keys) => onToggle(keys.length > 0)}
      items={[
        {
          key: "advanced",
          label: (
            <>
              {t("start.advanced")}{" "}
              <Typography.Text type="secondary">{t("start.advancedHint")}</Typography.Text>
            </>
          ),
          // What is folded away is checked and sent all the same.
          forceRender: true,
          children: <Fields withProtocol={withProtocol} place={place} />,
        },
      ]}
    />
  );
}

function Fields({ withProtocol, place }: Pick<Props, "withProtocol" | "place">) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <div className="slipway-advanced">
      <div className="slipway-fields">
        {withProtocol && <ProtocolFields />}
        <StrategyFields />
        <Form.Item
          name="progress_deadline_seconds"
          label={t("deadline")}
          extra={t("start.deadlineHint")}
          rules={[{ required: true, message: t("ui:required") }]}
        >
          <InputNumber
            min={10}
            max={86_400}
            precision={0}
            suffix={t("start.seconds")}
            style={{ width: "100%" }}
          />
        </Form.Item>
      </div>
      <StepsOfStrategy />
      <PairsField
        field="env"
        label={t("env")}
        nameLabel={t("start.envName")}
        valueLabel={t("start.value")}
        addLabel={t("start.addEnv")}
      />
      <SecretsField {...place} />
      <div className="slipway-fields">
        <WordsField name="command" label={t("command")} addLabel={t("start.addWord")} />
        <WordsField name="args" label={t("start.args")} addLabel={t("start.addWord")} />
      </div>
      {PROBES.map((name) => (
        <ProbeFields key={name} name={name} />
      ))}
      <PairsField
        field="node_selector"
        label={t("nodeSelector")}
        nameLabel={t("start.labelKey")}
        valueLabel={t("start.value")}
        addLabel={t("start.addLabel")}
      />
    </div>
  );
}

function StrategyFields() {
  const { t } = useTranslation(["serving", "ui"]);
  const form = Form.useFormInstance();
  const type = Form.useWatch<StrategyChoice>(["strategy", "type"]);
  return (
    <>
      <Form.Item
        name={["strategy", "type"]}
        label={t("figures.strategy")}
        extra={type && t(`start.strategyHints.${type}`)}
      >
        <Select<StrategyChoice>
          onChange={(chosen) => {
            // A canary has to begin with a weight; what was stated before stays.
            if (chosen === "canary" && !form.getFieldValue(STEPS)?.length)
              form.setFieldValue(STEPS, FIRST_STEPS);
          }}
          options={STRATEGIES.map((value) => ({ value, label: t(`start.strategies.${value}`) }))}
        />
      </Form.Item>
      {type === "rolling" && (
        <>
          <BoundField name="max_surge" />
          <BoundField name="max_unavailable" />
        </>
      )}
    </>
  );
}

function StepsOfStrategy() {
  const type = Form.useWatch<StrategyChoice>(["strategy", "type"]);
  if (type !== "canary" && type !== "blue_green") return null;
  return <StepsField withWeights={type === "canary"} />;
}

/** How many pods more or fewer there may be; both 0 would let nothing happen. */
function BoundField({ name }: { name: "max_surge" | "max_unavailable" }) {
  const { t } = useTranslation(["serving", "ui"]);
  const other = name === "max_surge" ? "max_unavailable" : "max_surge";
  return (
    <Form.Item
      name={["strategy", name]}
      label={t(`start.${name}`)}
      dependencies={[["strategy", other]]}
      rules={[
        { required: true, message: t("ui:required") },
        ({ getFieldValue }) => ({
          validator: (_, count?: number) =>
            count || getFieldValue(["strategy", other])
              ? Promise.resolve()
              : Promise.reject(Error(t("start.boundsRule"))),
        }),
      ]}
    >
      <InputNumber min={0} max={100} precision={0} style={{ width: "100%" }} />
    </Form.Item>
  );
}
