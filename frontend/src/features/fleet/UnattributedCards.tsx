import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { GPU_MEMORY } from "@/lib/quantity";
import { ReasonText } from "@/ui/Reason";
import { useAmount } from "@/ui/Resource";

type Cluster = Schemas["ClusterUnattributed"];

interface Props {
  clusters: Cluster[];
  /** Only this one's, if any. */
  chosen: string | undefined;
}

/** What cards do of which no pod of ours is named: free ones, and those that others hold. */
export function UnattributedCards({ clusters, chosen }: Props) {
  const { t } = useTranslation("fleet");
  const shown = clusters.filter(
    ({ cluster, unattributed }) =>
      (!chosen || cluster === chosen) && (unattributed === null || unattributed.length > 0),
  );
  if (shown.length === 0) return null;
  return (
    <Typography.Text type="secondary" title={t("unattributedHint")}>
      <strong>{t("unattributed")}</strong>
      <ul className="slipway-plain-list" aria-label={t("unattributed")}>
        {shown.map((cluster) => (
          <li key={cluster.cluster}>
            {cluster.cluster}: <Figures cluster={cluster} />
          </li>
        ))}
      </ul>
    </Typography.Text>
  );
}

function Figures({ cluster: { unattributed, reason } }: { cluster: Cluster }) {
  const { t } = useTranslation(["fleet", "ui"]);
  const write = useAmount();
  if (unattributed === null)
    return (
      <>
        {t("ui:unknown")} (<ReasonText reason={reason} />)
      </>
    );
  return unattributed
    .map(({ resource, cards, used, memory_used_bytes: memory }) =>
      t("unattributedCards", {
        cards: write(resource, cards),
        resource,
        used: write(resource, used),
        memory: write(GPU_MEMORY, memory),
      }),
    )
    .join(" · ");
}
