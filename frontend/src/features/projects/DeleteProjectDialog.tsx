import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { DeleteDialog } from "@/ui/DeleteDialog";

interface Props {
  name: string;
  onClose: () => void;
}

/** Delete a project in which nothing runs, with everything it has. */
export function DeleteProjectDialog({ name, onClose }: Props) {
  const { t } = useTranslation("projects");
  const navigate = useNavigate();
  return (
    <DeleteDialog
      title={t("deleteTitle", { project: name })}
      name={name}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}", { params: { path: { project: name } } })
          .then(answerOf)
          // Before anything is fetched again: this page has nothing to show any more.
          .then(() => navigate({ to: "/projects" }))
      }
    >
      {t("deleteHint")}
    </DeleteDialog>
  );
}
