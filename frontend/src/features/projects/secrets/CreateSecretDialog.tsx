import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import type { Place, Secret } from "./place";
import { SecretNameField } from "./SecretNameField";
import { type Row, ValuesField } from "./ValuesField";

interface Props {
  place: Place;
  onClose: () => void;
}

interface Values {
  name: string;
  rows: Row[];
}

/** Make a secret; what it holds is never shown again. */
export function CreateSecretDialog({ place, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  return (
    <FormDialog<Values, Secret>
      title={t("secrets.create")}
      verb={t("ui:create")}
      isWide
      initialValues={{ rows: [{ key: "" }] }}
      onClose={onClose}
      send={({ name, rows }) =>
        client
          .PUT("/api/v1/projects/{project}/environments/{environment}/secrets/{secret}", {
            params: { path: { ...place, secret: name } },
            body: { values: Object.fromEntries(rows.map(({ key, value = "" }) => [key, value])) },
          })
          .then(answerOf)
      }
    >
      <SecretNameField placeholder="database" />
      <ValuesField />
    </FormDialog>
  );
}
