import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";

const trimmed = (text: string) => text.trim();

/** What may be changed of a cluster; of one that is known, credentials are kept unless replaced. */
export function ClusterFields({ isKnown }: { isKnown: boolean }) {
  const { t } = useTranslation(["platform", "ui"]);
  return (
    <>
      <Form.Item name="display_name" label={t("displayName")}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item
        name="kubeconfig"
        label="kubeconfig"
        extra={isKnown ? t("kubeconfigKept") : t("kubeconfigHint")}
        rules={isKnown ? [] : [{ required: true, message: t("ui:required") }]}
      >
        <Input.TextArea
          autoSize={{ minRows: 8, maxRows: 20 }}
          autoComplete="off"
          spellCheck={false}
          placeholder={"apiVersion: v1\nkind: Config\n…"}
          style={{ fontFamily: "var(--ant-font-family-code)" }}
        />
      </Form.Item>
      <Form.Item
        name="prometheus_url"
        label="Prometheus"
        extra={t("prometheusHint")}
        normalize={trimmed}
      >
        <Input
          autoComplete="off"
          spellCheck={false}
          placeholder="http://prometheus.monitoring:9090"
        />
      </Form.Item>
    </>
  );
}
