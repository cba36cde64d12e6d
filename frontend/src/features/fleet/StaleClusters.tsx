import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Age } from "@/ui/Time";

/** Says of which clusters the page shows the past. */
export function StaleClusters({ clusters }: { clusters: Schemas["Cluster"][] }) {
  const { t } = useTranslation("fleet");
  return clusters
    .filter(({ status }) => status.stale)
    .map(({ name, status }) => (
      <Alert
        key={name}
        type="warning"
        showIcon
        title={t("staleTitle", { cluster: name })}
        description={
          <>
            <div>
              {t("lastSeen")} <Age at={status.mirrored_at} />
            </div>
            <div>{t("staleHint")}</div>
          </>
        }
      />
    ));
}
