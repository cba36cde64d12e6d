import { Card } from "antd";
import { useTranslation } from "react-i18next";
import { LogLines } from "../LogLines";
import type { LastLines as Kept } from "../types";

/** What the container that a rollout failed of said last; its pod may be gone. */
export function KeptLines({ kept }: { kept: Kept }) {
  const { t } = useTranslation(["serving", "ui"]);
  const title = t("keptLines", { pod: kept.pod, container: kept.container });
  return (
    <Card size="small" title={title}>
      <LogLines lines={kept.lines} sticks height={240} label={title} />
    </Card>
  );
}
