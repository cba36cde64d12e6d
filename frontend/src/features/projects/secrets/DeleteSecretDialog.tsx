import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { DeleteDialog } from "@/ui/DeleteDialog";
import type { Place, Secret } from "./place";

interface Props {
  place: Place;
  secret: Secret;
  onClose: () => void;
}

/** Forget a secret that no service uses. */
export function DeleteSecretDialog({ place, secret: { name }, onClose }: Props) {
  const { t } = useTranslation("projects");
  return (
    <DeleteDialog
      title={t("secrets.deleteTitle", { secret: name })}
      name={name}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}/environments/{environment}/secrets/{secret}", {
            params: { path: { ...place, secret: name } },
          })
          .then(answerOf)
      }
    >
      {t("secrets.deleteHint")}
    </DeleteDialog>
  );
}
