import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import type { Place, Secret } from "./place";
import { type Row, ValuesField } from "./ValuesField";

interface Props {
  place: Place;
  secret: Secret;
  onClose: () => void;
}

/** Replace values, or add keys; keys of which nothing is typed stay as they are. */
export function ChangeSecretDialog({ place, secret, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  return (
    <FormDialog<{ rows: Row[] }, Secret>
      title={t("secrets.changeTitle", { secret: secret.name })}
      verb={t("ui:save")}
      isWide
      initialValues={{ rows: secret.keys.map((key) => ({ key })) }}
      onClose={onClose}
      send={({ rows }) =>
        client
          .PATCH("/api/v1/projects/{project}/environments/{environment}/secrets/{secret}", {
            params: { path: { ...place, secret: secret.name } },
            body: { values: typed(rows) },
          })
          .then(answerOf)
      }
    >
      <ValuesField known={secret.keys} />
      {secret.used_by.length > 0 && <Alert type="info" showIcon title={t("secrets.nextRollout")} />}
    </FormDialog>
  );
}

function typed(rows: Row[]): Record<string, string> {
  return Object.fromEntries(rows.flatMap(({ key, value }) => (value ? [[key, value]] : [])));
}
