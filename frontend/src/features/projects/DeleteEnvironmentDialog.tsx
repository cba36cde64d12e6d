import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { DeleteDialog } from "@/ui/DeleteDialog";

interface Props {
  environment: Schemas["Environment"];
  onClose: () => void;
}

/** Give up a place on a cluster. */
export function DeleteEnvironmentDialog({ environment, onClose }: Props) {
  const { t } = useTranslation("projects");
  const { project, name, namespace, cluster } = environment;
  return (
    <DeleteDialog
      title={t("deleteEnvironmentTitle", { environment: name })}
      name={name}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}/environments/{environment}", {
            params: { path: { project, environment: name } },
          })
          .then(answerOf)
      }
    >
      {t("deleteEnvironmentHint", { namespace, cluster })}
    </DeleteDialog>
  );
}
