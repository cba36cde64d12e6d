import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { DeleteDialog } from "@/ui/DeleteDialog";

interface Props {
  project: string;
  model: string;
  onClose: () => void;
}

/** Delete a model that no service names, with its versions. */
export function DeleteModel({ project, model, onClose }: Props) {
  const { t } = useTranslation("registry");
  const navigate = useNavigate();
  return (
    <DeleteDialog
      title={t("deleteTitle", { model })}
      name={model}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}/models/{model}", {
            params: { path: { project, model } },
          })
          .then(answerOf)
          // Before anything is fetched again: this page has nothing to show any more.
          .then(() => navigate({ to: "/projects/$project/models", params: { project } }))
      }
    >
      {t("deleteHint")}
    </DeleteDialog>
  );
}
