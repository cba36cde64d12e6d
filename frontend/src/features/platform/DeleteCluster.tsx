import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { DeleteDialog } from "@/ui/DeleteDialog";
import type { ClusterDialogProps } from "./EditCluster";

/** Forget a cluster. */
export function DeleteCluster({ cluster: { name }, onClose }: ClusterDialogProps) {
  const { t } = useTranslation("platform");
  return (
    <DeleteDialog
      title={t("deleteTitle", { cluster: name })}
      name={name}
      onClose={onClose}
      send={() =>
        client
          .DELETE("/api/v1/clusters/{cluster}", { params: { path: { cluster: name } } })
          .then(answerOf)
      }
    >
      {t("deleteHint")}
    </DeleteDialog>
  );
}
