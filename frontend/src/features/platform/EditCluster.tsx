import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { ClusterFields } from "./ClusterFields";

export interface ClusterDialogProps {
  cluster: Schemas["Cluster"];
  onClose: () => void;
}

/** Change how a cluster is called and reached. */
export function EditCluster({ cluster, onClose }: ClusterDialogProps) {
  const { t } = useTranslation(["platform", "ui"]);
  const { name, display_name, prometheus_url } = cluster;
  return (
    <FormDialog<Schemas["PatchedClusterUpdateRequest"], Schemas["Cluster"]>
      isWide
      title={t("editTitle", { cluster: name })}
      verb={t("ui:save")}
      initialValues={{ display_name, prometheus_url }}
      onClose={onClose}
      send={({ kubeconfig, ...described }) =>
        client
          .PATCH("/api/v1/clusters/{cluster}", {
            params: { path: { cluster: name } },
            body: { ...described, ...(kubeconfig && { kubeconfig }) },
          })
          .then(answerOf)
      }
    >
      <ClusterFields isKnown />
    </FormDialog>
  );
}
