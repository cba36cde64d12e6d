import { Form, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PlannedDialog } from "../plan/PlannedDialog";
import type { DialogProps } from "../types";

const TIMES = ["30m", "1h", "2h", "4h", "8h", "24h", "72h"];

interface Values {
  replicas: number | null;
  expires_in?: string | undefined;
}

interface Props extends DialogProps {
  /** What is proposed, where that is not the present number. */
  initial?: Values;
}

/** Change the number of pods, for good or for a while. */
export function ScaleDialog({ service, path, onClose, initial }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const now = service.desired_replicas ?? service.replicas;
  const [form] = Form.useForm<Values & { reason?: string }>();
  const [first] = useState<Values>(initial ?? { replicas: now });
  // Before the form has drawn itself it has nothing to tell.
  const { replicas, expires_in } = Form.useWatch((values: Values) => values, form) ?? first;
  const wanted =
    typeof replicas === "number" ? { replicas, ...(expires_in && { expires_in }) } : undefined;
  return (
    <PlannedDialog<Values>
      verb="scale"
      title={t("scaleTitle", { service: service.name })}
      hint={t("nowReplicas", { count: now })}
      path={path}
      wanted={wanted}
      form={form}
      initialValues={first}
      onClose={onClose}
    >
      <Form.Item
        name="replicas"
        label={t("ui:replicas")}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <InputNumber min={0} max={1000} precision={0} />
      </Form.Item>
      <Form.Item
        name="expires_in"
        label={t("forHowLong")}
        extra={t("forHowLongHint")}
        style={{ marginBottom: 0 }}
      >
        <Select
          allowClear
          placeholder={t("forGood")}
          options={TIMES.map((value) => ({ value, label: t(`times.${value as "1h"}`) }))}
        />
      </Form.Item>
    </PlannedDialog>
  );
}
