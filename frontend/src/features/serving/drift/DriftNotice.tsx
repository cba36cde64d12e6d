import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { useReason } from "@/ui/Reason";
import type { Service, ServiceProps } from "../types";
import { DRIFT_ANCHOR } from "./DriftPanel";

/** Return whether a service says itself that it differs, rather than something that matters more. */
export function isSaidOfDrift({ drift, reason }: Service): boolean {
  return drift.length > 0 && (reason === "Drifted" || reason === "BackupRestored");
}

/** That the cluster has something else than was rolled out, and the way to what it is. */
export function DriftNotice({ service, path }: ServiceProps) {
  const { t } = useTranslation("serving");
  const isSaid = isSaidOfDrift(service);
  const reason = useReason(isSaid ? service.reason : "Drifted");
  // A change that is under way may be what ends it.
  if (!service.drift.length || service.rollout) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={reason}
      description={
        <>
          {isSaid ? service.message : t("drift.title", { count: service.drift.length })}{" "}
          <Link
            to="/projects/$project/environments/$environment/services/$service"
            params={path}
            search={{ tab: "overview" }}
            hash={DRIFT_ANCHOR}
          >
            {t("drift.see")}
          </Link>
        </>
      }
    />
  );
}
