import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { PlannedDialog } from "../plan/PlannedDialog";
import type { Wanted } from "../plan/usePlan";
import type { DialogProps } from "../types";

interface Values {
  confirmation: string;
}

const ALL_OF_IT: Wanted = {};

/** Take a service away; its name has to be typed first. */
export function DecommissionDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [form] = Form.useForm<Values & { reason?: string }>();
  const typed = Form.useWatch("confirmation", form);
  return (
    <PlannedDialog<Values>
      verb="decommission"
      title={t("decommissionTitle", { service: service.name })}
      hint={t("decommissionHint", { environment: service.environment })}
      path={path}
      wanted={ALL_OF_IT}
      isDanger
      isBlocked={typed !== service.name}
      form={form}
      onClose={onClose}
    >
      <Form.Item
        name="confirmation"
        label={t("ui:typeToConfirm", { name: service.name })}
        style={{ marginBottom: 0 }}
      >
        <Input autoComplete="off" placeholder={service.name} />
      </Form.Item>
    </PlannedDialog>
  );
}
