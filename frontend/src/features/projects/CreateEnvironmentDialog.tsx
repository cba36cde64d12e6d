import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { CLUSTERS } from "@/api/clusters";
import { FormDialog } from "@/ui/FormDialog";
import { ProblemView } from "@/ui/ProblemView";
import { dnsLabel } from "./names";
import { QuotaFields } from "./QuotaFields";
import { fieldInQuota, type QuotaValues, quotaOf } from "./quotaForm";

interface Values {
  name: string;
  cluster: string;
  namespace?: string;
  quota?: QuotaValues;
}

interface Props {
  project: string;
  onClose: () => void;
}

/** Give a project a place on a cluster, and a quota there. */
export function CreateEnvironmentDialog({ project, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const [form] = Form.useForm<Values>();
  const name = Form.useWatch("name", form);
  const cluster = Form.useWatch("cluster", form);
  const required = { required: true, message: t("ui:required") };
  return (
    <FormDialog<Values, Schemas["Environment"]>
      title={t("createEnvironment")}
      verb={t("ui:create")}
      form={form}
      toField={fieldInQuota}
      onClose={onClose}
      send={({ namespace, quota, ...spec }, headers) =>
        client
          .POST("/api/v1/projects/{project}/environments", {
            params: { path: { project } },
            body: { ...spec, ...(namespace && { namespace }), quota: quotaOf(quota ?? {}) },
            headers,
          })
          .then(answerOf)
      }
    >
      <Form.Item
        name="name"
        label={t("name")}
        extra={t("environmentNameHint")}
        rules={[required, dnsLabel(t("nameRule"), 30)]}
      >
        <Input autoComplete="off" spellCheck={false} placeholder="production" />
      </Form.Item>
      <Form.Item name="cluster" label={t("ui:cluster")} rules={[required]}>
        <ClusterSelect />
      </Form.Item>
      <Form.Item name="namespace" label={t("namespace")} rules={[dnsLabel(t("nameRule"), 63)]}>
        <Input
          autoComplete="off"
          spellCheck={false}
          placeholder={`${project}-${name || "production"}`.slice(0, 63)}
        />
      </Form.Item>
      <QuotaFields at={["quota"]} cluster={cluster} />
    </FormDialog>
  );
}

/** The clusters there are; one that does not answer may be chosen and is waited for. */
function ClusterSelect(field: { id?: string; value?: string; onChange?: (name: string) => void }) {
  const { t } = useTranslation("projects");
  const clusters = useQuery(CLUSTERS);
  if (clusters.isError) return <ProblemView error={clusters.error} />;
  return (
    <Select<string>
      {...field}
      showSearch
      loading={clusters.isPending}
      notFoundContent={clusters.isPending ? null : t("noClusters")}
      options={clusters.data?.results.map(({ name, display_name: title, status }) => ({
        value: name,
        disabled: Boolean(status.duplicate_of),
        label: [title ? `${name} (${title})` : name, !status.reachable && t("unreachable")]
          .filter(Boolean)
          .join(" · "),
      }))}
    />
  );
}
