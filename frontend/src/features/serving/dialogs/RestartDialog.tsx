import { useTranslation } from "react-i18next";
import { PlannedDialog } from "../plan/PlannedDialog";
import type { DialogProps } from "../types";

/** Replace every pod by one of the same settings. */
export function RestartDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation("serving");
  return (
    <PlannedDialog
      verb="restart"
      title={t("restartTitle", { service: service.name })}
      hint={t("restartHint", { count: service.desired_replicas ?? service.replicas })}
      path={path}
      onClose={onClose}
    />
  );
}
