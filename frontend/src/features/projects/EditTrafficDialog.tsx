import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { type EnvironmentFormProps, ReadEnvironment } from "./ReadEnvironment";
import { TrafficFields } from "./TrafficFields";
import { fieldOfList, peersOf, type TrafficValues, typedFrom } from "./traffic";

type Environment = Schemas["Environment"];

interface Props {
  environment: Environment;
  onClose: () => void;
}

interface Values {
  ingress: TrafficValues;
  egress: TrafficValues;
}

/** Say who may speak to an environment's pods and to whom they may, unless that changed meanwhile. */
export function EditTrafficDialog({ environment, onClose }: Props) {
  const { t } = useTranslation("projects");
  const title = t("traffic.title", { environment: environment.name });
  return (
    <ReadEnvironment environment={environment} title={title} onClose={onClose} form={TrafficForm} />
  );
}

function TrafficForm({ read: { content, etag }, ...dialog }: EnvironmentFormProps) {
  const { t } = useTranslation(["projects", "ui"]);
  const { project, name, ingress, egress } = content;
  return (
    <FormDialog<Values, Environment>
      {...dialog}
      verb={t("ui:save")}
      initialValues={{ ingress: typedFrom(ingress), egress: typedFrom(egress) }}
      toField={fieldOfList}
      send={(typed) =>
        client
          .PATCH("/api/v1/projects/{project}/environments/{environment}", {
            params: { path: { project, environment: name }, header: { "If-Match": etag } },
            body: { ingress: peersOf(typed.ingress), egress: peersOf(typed.egress) },
          })
          .then(answerOf)
      }
    >
      <TrafficFields direction="ingress" />
      <TrafficFields direction="egress" />
      <Typography.Paragraph type="secondary">{t("traffic.needs")}</Typography.Paragraph>
    </FormDialog>
  );
}
