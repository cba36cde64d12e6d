import { Card, Form, type FormInstance, Input } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Service } from "../types";
import { AdvancedFields } from "./AdvancedFields";
import { devicesOf, isAdvanced } from "./fields";
import { PodFields, ProtocolFields, ServiceNameField } from "./SettingsFields";
import type { Values } from "./values";

interface Props {
  form: FormInstance<Values>;
  initial: Values;
  environment: Schemas["Environment"];
  service: Service | undefined;
  isPending: boolean;
  /** Whether what is seldom changed is shown. */
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  onSend: () => void;
}

/** Everything that may be said of a service's pods. */
export function SettingsForm({ form, environment, service, ...props }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const devices = devicesOf(environment.quota.limits, props.initial.devices);
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      initialValues={props.initial}
      disabled={props.isPending}
      onFinish={props.onSend}
      onFinishFailed={({ errorFields }) => {
        if (errorFields.some(({ name }) => isAdvanced(name))) props.onToggle(true);
      }}
      scrollToFirstError={{ block: "center" }}
      className="slipway-start-settings"
    >
      {!service && (
        <Card size="small" title={t("newService")}>
          <div className="slipway-fields">
            <ServiceNameField />
            <ProtocolFields />
          </div>
        </Card>
      )}
      <Card size="small" title={t("start.pods")}>
        <PodFields
          cluster={environment.cluster}
          devices={devices}
          hint={
            service?.temporary_replicas != null &&
            t("start.temporary", { count: service.temporary_replicas, permanent: service.replicas })
          }
        />
      </Card>
      <AdvancedFields
        isOpen={props.isOpen}
        onToggle={props.onToggle}
        withProtocol={service !== undefined}
        place={{ project: environment.project, environment: environment.name }}
      />
      <Card size="small">
        <Form.Item name="reason" label={t("noteLabel")} style={{ margin: 0 }}>
          <Input maxLength={500} placeholder={t("notePlaceholder")} />
        </Form.Item>
      </Card>
    </Form>
  );
}
