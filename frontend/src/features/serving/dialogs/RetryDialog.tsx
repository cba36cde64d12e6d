import { useTranslation } from "react-i18next";
import { PlannedDialog } from "../plan/PlannedDialog";
import type { RolloutDetail } from "../types";

interface Props {
  rollout: RolloutDetail;
  onClose: () => void;
}

/** Try again what failed or was aborted, with the settings that it had then. */
export function RetryDialog({ rollout, onClose }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const { kind, service } = rollout;
  return (
    <PlannedDialog
      verb="retry"
      title={t("retryTitle", { kind: t(`ui:kinds.${kind}`), service })}
      hint={t("retryHint")}
      isDanger={kind === "decommission"}
      path={{ rollout: rollout.id }}
      onClose={onClose}
    />
  );
}
