import { Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import type { DialogProps } from "../types";
import { ChangeDialog } from "./ChangeDialog";

const TIMES = ["30m", "1h", "2h", "4h", "8h", "24h", "72h"];

interface Values {
  replicas: number;
  expires_in?: string;
}

/** Change the number of pods, for good or for a while. */
export function ScaleDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const replicas = service.desired_replicas ?? service.replicas;
  return (
    <ChangeDialog<Values>
      title={t("scaleTitle", { service: service.name })}
      verb={t("verbs.scale")}
      initialValues={{ replicas }}
      onClose={onClose}
      send={({ expires_in, reason = "", ...wanted }, headers) =>
        client
          .POST("/api/v1/projects/{project}/environments/{environment}/services/{service}/scale", {
            params: { path },
            body: {
              ...wanted,
              reason,
              ...(expires_in && { expires_in }),
            } as Schemas["ScaleRequest"],
            headers,
          })
          .then(answerOf)
      }
    >
      <Form.Item
        name="replicas"
        label={t("ui:replicas")}
        extra={t("nowReplicas", { count: replicas })}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <InputNumber min={0} max={1000} precision={0} />
      </Form.Item>
      <Form.Item name="expires_in" label={t("forHowLong")} extra={t("forHowLongHint")}>
        <Select
          allowClear
          placeholder={t("forGood")}
          options={TIMES.map((value) => ({ value, label: t(`times.${value as "1h"}`) }))}
        />
      </Form.Item>
    </ChangeDialog>
  );
}
