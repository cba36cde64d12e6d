import { Alert, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { mapOf, type Pair, PairsField, pairPath } from "@/ui/PairsField";

interface Values {
  version: string;
  image?: string;
  artifact_uri?: string;
  digest?: string;
  framework?: string;
  runtime?: string;
  source?: { git_commit?: string; url?: string };
  metrics?: Pair<number>[];
  labels?: Pair<string>[];
}

interface Props {
  project: string;
  model: string;
  onClose: () => void;
}

/** Register an immutable version by hand, as CI does through the API. */
export function RegisterVersion({ project, model, onClose }: Props) {
  const { t } = useTranslation(["registry", "ui"]);
  return (
    <FormDialog<Values, void>
      isWide
      title={t("registerVersionOf", { model })}
      verb={t("register")}
      onClose={onClose}
      toField={(path, { metrics, labels }) => pairPath(path, { metrics, labels })}
      send={async (values, headers) => {
        await client.POST("/api/v1/projects/{project}/models/{model}/versions", {
          params: { path: { project, model } },
          body: bodyOf(values),
          headers,
        });
      }}
    >
      <Alert type="info" showIcon title={t("immutable")} style={{ marginBottom: 16 }} />
      <Text name="version" label={t("ui:version")} isRequired hint={t("versionHint")} />
      <Text
        name="image"
        label={t("image")}
        hint={t("imageHint")}
        example="registry.example.com/team/model@sha256:…"
      />
      <NoImage />
      <Text
        name="artifact_uri"
        label={t("artifactUri")}
        example="s3://models/fraud/scorer/3/model.onnx"
      />
      <Text name="digest" label={t("digest")} hint={t("digestHint")} example="sha256:…" />
      <Text name="framework" label={t("framework")} example="onnx" />
      <Text name="runtime" label={t("runtime")} example="triton-24.10" />
      <Text name={["source", "git_commit"]} label={t("gitCommit")} />
      <Text name={["source", "url"]} label={t("sourceUrl")} example="https://git.example.com/…" />
      <PairsField
        field="metrics"
        label={t("metrics")}
        nameLabel={t("metricName")}
        valueLabel={t("metricValue")}
        addLabel={t("addMetric")}
        isNumber
      />
      <PairsField
        field="labels"
        label={t("labels")}
        nameLabel={t("labelName")}
        valueLabel={t("labelValue")}
        addLabel={t("addLabel")}
      />
    </FormDialog>
  );
}

/** Leave out of the source what was not filled in: an empty text is no commit. */
function bodyOf({ source = {}, metrics, labels, ...texts }: Values) {
  const { image = "", artifact_uri = "", digest = "", framework = "", runtime = "" } = texts;
  const filled = Object.entries(source).filter(([, text]) => text);
  return {
    ...{ version: texts.version, image, artifact_uri, digest, framework, runtime },
    source: Object.fromEntries(filled) as NonNullable<Values["source"]>,
    metrics: mapOf(metrics),
    labels: mapOf(labels),
  };
}

/** Says before it is registered that a version without an image cannot be served. */
function NoImage() {
  const { t } = useTranslation("registry");
  const form = Form.useFormInstance<Values>();
  const image = Form.useWatch("image", form);
  const uri = Form.useWatch("artifact_uri", form);
  if (image || !uri) return null;
  return (
    <Alert type="warning" showIcon title={t("withoutImageHint")} style={{ marginBottom: 16 }} />
  );
}

interface TextProps {
  name: string | string[];
  label: string;
  hint?: string;
  example?: string;
  isRequired?: boolean;
}

function Text({ name, label, hint, example = "", isRequired = false }: TextProps) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name={name}
      label={label}
      extra={hint}
      normalize={(text: string) => text.trim()}
      rules={isRequired ? [{ required: true, message: t("required") }] : []}
    >
      <Input autoComplete="off" spellCheck={false} placeholder={example} />
    </Form.Item>
  );
}
