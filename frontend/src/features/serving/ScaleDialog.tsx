import { Form, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { ChangeDialog } from "./ChangeDialog";
import type { DialogProps } from "./ServiceActions";
import { useChange } from "./useChange";

const TIMES = ["30m", "1h", "2h", "4h", "8h", "24h", "72h"];

interface Values {
  replicas: number;
  expires_in?: string;
  reason?: string;
}

/** Change the number of pods, for good or for a while. */
export function ScaleDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [form] = Form.useForm<Values>();
  const { attempt, options } = useChange();
  const scale = api.useMutation(
    "post",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/scale",
    options,
  );
  return (
    <ChangeDialog
      title={t("scaleTitle", { service: service.name })}
      okText={t("verbs.scale")}
      error={scale.error}
      isPending={scale.isPending}
      form={form}
      initialValues={{ replicas: service.desired_replicas ?? service.replicas }}
      onClose={onClose}
      onSubmit={({ replicas, expires_in, reason = "" }) =>
        scale.mutate({
          params: { path },
          headers: attempt.headers,
          body: {
            replicas,
            reason,
            ...(expires_in && { expires_in }),
          } as Schemas["ScaleRequest"],
        })
      }
    >
      <Form.Item
        name="replicas"
        label={t("ui:replicas")}
        extra={t("nowReplicas", { count: service.desired_replicas ?? service.replicas })}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <InputNumber min={0} max={1000} precision={0} autoFocus />
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
