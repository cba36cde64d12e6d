import { Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useResourceName } from "@/ui/Resource";
import { amountRule, nameRule } from "./rules";
import { useGpuProducts } from "./useGpuProducts";
import { PORTS, type Protocol, type Values } from "./values";

/** What a service that does not exist yet is called. */
export function ServiceNameField() {
  const { t } = useTranslation("serving");
  return (
    <Form.Item
      name="name"
      label={t("start.name")}
      extra={t("start.nameHint")}
      rules={[{ required: true, message: t("start.nameRule") }, nameRule(t("start.nameRule"))]}
    >
      <Input autoComplete="off" spellCheck={false} maxLength={45} />
    </Form.Item>
  );
}

/** What a service speaks, and where; the port follows the protocol until somebody says otherwise. */
export function ProtocolFields() {
  const { t } = useTranslation(["serving", "ui"]);
  const form = Form.useFormInstance<Values>();
  const follow = (protocol: Protocol) => {
    const isDefault = Object.values(PORTS).includes(form.getFieldValue("port"));
    if (isDefault) form.setFieldValue("port", PORTS[protocol]);
  };
  return (
    <>
      <Form.Item name="protocol" label={t("start.protocol")}>
        <Select<Protocol>
          onChange={follow}
          options={(Object.keys(PORTS) as Protocol[]).map((value) => ({
            value,
            label: t(`start.protocols.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item
        name="port"
        label={t("start.port")}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <InputNumber min={1} max={65_535} precision={0} style={{ width: "100%" }} />
      </Form.Item>
    </>
  );
}

interface PodFieldsProps {
  cluster: string | undefined;
  /** Resources counted in devices that may be asked for. */
  devices: string[];
  /** Said below the number of pods. */
  hint?: string | false;
}

/** How many pods, and what each of them asks for. */
export function PodFields({ cluster, devices, hint }: PodFieldsProps) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <>
      <div className="slipway-fields">
        <Form.Item
          name="replicas"
          label={t("ui:replicas")}
          extra={hint}
          rules={[{ required: true, message: t("ui:required") }]}
        >
          <InputNumber min={0} max={1000} precision={0} style={{ width: "100%" }} />
        </Form.Item>
        {devices.map((name) => (
          <Form.Item
            key={name}
            name={["devices", name]}
            label={t("start.perPod", { resource: name === "nvidia.com/gpu" ? "GPU" : name })}
            tooltip={name}
          >
            <InputNumber min={0} precision={0} placeholder="0" style={{ width: "100%" }} />
          </Form.Item>
        ))}
        <GpuProductField cluster={cluster} />
      </div>
      <div className="slipway-fields slipway-amounts">
        <AmountFields resource="cpu" example="500m" />
        <AmountFields resource="memory" example="4Gi" />
      </div>
    </>
  );
}

interface AmountFieldsProps {
  resource: "cpu" | "memory";
  example: string;
}

/** What a pod is promised of a resource, and the most it may take. */
function AmountFields({ resource, example }: AmountFieldsProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const name = useResourceName()(resource);
  const rule = amountRule(t("start.amountRule", { example }));
  return (
    <>
      <Form.Item
        name={["requests", resource]}
        label={t("start.request", { resource: name })}
        rules={[{ required: true, message: t("ui:required") }, rule]}
      >
        <Input autoComplete="off" spellCheck={false} placeholder={example} />
      </Form.Item>
      <Form.Item
        name={["limits", resource]}
        label={t("start.limit", { resource: name })}
        rules={[rule]}
      >
        <Input autoComplete="off" spellCheck={false} placeholder={t("ui:noLimit")} />
      </Form.Item>
    </>
  );
}

function GpuProductField({ cluster }: { cluster: string | undefined }) {
  const { t } = useTranslation(["serving", "ui"]);
  const products = useGpuProducts(cluster);
  const chosen = Form.useWatch<string>("gpu_product");
  // What the service asks for stays on offer when the fleet lost it.
  const isGone = chosen && !products.some(({ name }) => name === chosen);
  return (
    <Form.Item name="gpu_product" label={t("gpuProduct")}>
      <Select<string>
        showSearch
        // A model's name is long, and how many of its cards are free comes after it.
        popupMatchSelectWidth={false}
        options={[
          { value: "", label: t("any") },
          ...(isGone ? [{ value: chosen, label: chosen }] : []),
          ...products.map(({ name, free, total }) => ({
            value: name,
            label:
              free === null || total === null
                ? name
                : t("start.productFree", { name, free, total }),
          })),
        ]}
      />
    </Form.Item>
  );
}
