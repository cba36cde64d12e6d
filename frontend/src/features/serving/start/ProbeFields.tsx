import { Checkbox, Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import type { ProbeName, Protocol } from "./values";

const TIMES = [
  ["initial_delay_seconds", 0],
  ["period_seconds", 1],
  ["timeout_seconds", 1],
  ["failure_threshold", 1],
] as const;

/** One of Kubernetes' probes; readiness always exists. */
export function ProbeFields({ name }: { name: ProbeName }) {
  const { t } = useTranslation(["serving", "ui"]);
  const label = t(`start.probes.${name}`);
  const isOn = Form.useWatch<boolean>(["probes", name, "enabled"]) || name === "readiness";
  return (
    // biome-ignore lint/a11y/useSemanticElements: the legend of a fieldset cannot stand in a grid
    <div role="group" aria-label={label}>
      {name === "readiness" ? (
        label
      ) : (
        <Form.Item name={["probes", name, "enabled"]} valuePropName="checked" noStyle>
          <Checkbox>{label}</Checkbox>
        </Form.Item>
      )}
      <div hidden={!isOn} className="slipway-probe-fields">
        <TargetField probe={name} />
        {TIMES.map(([field, min]) => (
          <Form.Item
            key={field}
            name={["probes", name, field]}
            label={t(`start.${field}`)}
            rules={[{ required: true, message: t("ui:required") }]}
            style={{ margin: 0 }}
          >
            <InputNumber min={min} max={3600} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        ))}
      </div>
    </div>
  );
}

/** What is asked of the container: a path, a gRPC service, or only that the port is open. */
function TargetField({ probe }: { probe: ProbeName }) {
  const { t } = useTranslation("serving");
  const protocol = Form.useWatch<Protocol>("protocol");
  if (protocol === "thrift") return null;
  const [field, example] = protocol === "grpc" ? ["grpc_service", ""] : ["path", "/healthz"];
  return (
    <Form.Item
      name={["probes", probe, field]}
      label={t(protocol === "grpc" ? "start.grpcService" : "start.path")}
      rules={protocol === "grpc" ? [] : [{ pattern: /^\/[!-~]*$/, message: t("start.pathRule") }]}
      style={{ margin: 0 }}
    >
      <Input autoComplete="off" spellCheck={false} placeholder={example} />
    </Form.Item>
  );
}
