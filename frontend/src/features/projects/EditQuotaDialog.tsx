import { Alert, Form } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { type Versioned, versionedOf } from "@/api/versioned";
import { FormDialog } from "@/ui/FormDialog";
import { ReadFirst } from "@/ui/ReadFirst";
import { useResourceName } from "@/ui/Resource";
import { QuotaFields } from "./QuotaFields";
import { loweredBelowReserved, type QuotaValues, quotaOf } from "./quotaForm";

type Environment = Schemas["Environment"];

interface Props {
  environment: Environment;
  onClose: () => void;
}

/** Change what an environment may use, as long as nobody else has changed it meanwhile. */
export function EditQuotaDialog({ environment: { project, name }, onClose }: Props) {
  const { t } = useTranslation("projects");
  const title = t("editQuotaOf", { environment: name });
  const path = { project, environment: name };
  return (
    <ReadFirst
      title={title}
      onClose={onClose}
      read={() =>
        client
          .GET("/api/v1/projects/{project}/environments/{environment}", { params: { path } })
          .then(versionedOf)
      }
    >
      {(read, readAgain) => (
        <QuotaForm title={title} read={read} onClose={onClose} onReadAgain={readAgain} />
      )}
    </ReadFirst>
  );
}

interface FormProps {
  title: string;
  read: Versioned<Environment>;
  onClose: () => void;
  onReadAgain: () => void;
}

function QuotaForm({ read: { content, etag }, ...dialog }: FormProps) {
  const { t } = useTranslation("ui");
  const { project, name, cluster, quota } = content;
  return (
    <FormDialog<QuotaValues, Environment>
      {...dialog}
      verb={t("save")}
      initialValues={{ limits: quota.limits, gpu_products: quota.gpu_products }}
      send={(values) =>
        client
          .PUT("/api/v1/projects/{project}/environments/{environment}/quota", {
            params: { path: { project, environment: name }, header: { "If-Match": etag } },
            body: quotaOf(values),
          })
          .then(answerOf)
      }
    >
      <QuotaFields quota={quota} cluster={cluster} />
      <Lowered quota={quota} />
    </FormDialog>
  );
}

/** Says before it is saved what a limit below what is reserved does. */
function Lowered({ quota }: { quota: Schemas["Quota"] }) {
  const { t } = useTranslation("projects");
  const nameOf = useResourceName();
  const values: QuotaValues | undefined = Form.useWatch([]);
  const lowered = loweredBelowReserved(values ?? {}, quota);
  if (lowered.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      style={{ marginTop: 16 }}
      title={t("lowered", { names: lowered.map(nameOf).join(", ") })}
      description={t("loweredHint")}
    />
  );
}
