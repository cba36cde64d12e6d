import { Alert, Form } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { useResourceName } from "@/ui/Resource";
import { ForeignFields } from "./ForeignFields";
import { QuotaFields } from "./QuotaFields";
import { fieldInQuota, loweredBelowReserved, type QuotaValues, quotaOf } from "./quotaForm";
import { type EnvironmentFormProps, ReadEnvironment } from "./ReadEnvironment";
import { NamesField } from "./TrafficFields";
import { fieldOfList } from "./traffic";

type Environment = Schemas["Environment"];

interface Props {
  environment: Environment;
  onClose: () => void;
}

interface Values {
  quota?: QuotaValues;
  foreign_fields: Environment["foreign_fields"];
  image_registries: string[];
}

/** Change what an environment may use and does, as long as nobody else has changed it meanwhile. */
export function EditEnvironmentDialog({ environment, onClose }: Props) {
  const { t } = useTranslation("projects");
  const title = t("editEnvironment", { environment: environment.name });
  return (
    <ReadEnvironment
      environment={environment}
      title={title}
      onClose={onClose}
      form={EnvironmentForm}
    />
  );
}

function EnvironmentForm({ read: { content, etag }, ...dialog }: EnvironmentFormProps) {
  const { t } = useTranslation(["projects", "ui"]);
  const { project, name, cluster, quota, foreign_fields, image_registries } = content;
  return (
    <FormDialog<Values, Environment>
      {...dialog}
      verb={t("ui:save")}
      isWide
      initialValues={{ quota, foreign_fields, image_registries }}
      toField={(path) => fieldOfList(fieldInQuota(path))}
      send={({ quota: typed, ...policies }) =>
        client
          .PATCH("/api/v1/projects/{project}/environments/{environment}", {
            params: { path: { project, environment: name }, header: { "If-Match": etag } },
            body: { ...policies, quota: quotaOf(typed ?? {}) },
          })
          .then(answerOf)
      }
    >
      <QuotaFields at={["quota"]} quota={quota} cluster={cluster} />
      <Lowered quota={quota} />
      <NamesField
        path="image_registries"
        label={t("registries")}
        hint={t("registriesHint")}
        example="registry.example.com/team"
      />
      <ForeignFields />
    </FormDialog>
  );
}

/** Says before it is saved what a limit below what is reserved does. */
function Lowered({ quota }: { quota: Schemas["Quota"] }) {
  const { t } = useTranslation("projects");
  const nameOf = useResourceName();
  const values: QuotaValues | undefined = Form.useWatch("quota");
  // Until the form has drawn itself, nothing is lowered.
  const lowered = values ? loweredBelowReserved(values, quota) : [];
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
