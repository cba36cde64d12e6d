import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { DeleteDialog } from "@/ui/DeleteDialog";
import type { Login, Place } from "./place";

interface Props {
  place: Place;
  login: Login;
  onClose: () => void;
}

/** Forget a login; pods that run keep it until they are replaced. */
export function DeleteLoginDialog({ place, login: { name }, onClose }: Props) {
  const { t } = useTranslation("projects");
  return (
    <DeleteDialog
      title={t("secrets.deleteTitle", { secret: name })}
      name={name}
      onClose={onClose}
      send={() =>
        client
          .DELETE(
            "/api/v1/projects/{project}/environments/{environment}/pull-credentials/{credential}",
            { params: { path: { ...place, credential: name } } },
          )
          .then(answerOf)
      }
    >
      {t("secrets.deleteLoginHint")}
    </DeleteDialog>
  );
}
