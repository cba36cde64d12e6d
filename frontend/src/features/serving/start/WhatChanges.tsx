import { Card, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ChangeList } from "../changes/ChangeList";
import type { Change } from "../changes/changes";

interface Props {
  changes: Change[];
  /** Which revision runs now; none where nothing does. */
  revision: number | null;
}

/** What runs now against what will be applied: only what differs. */
export function WhatChanges({ changes, revision }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Card
      size="small"
      title={t("start.whatChanges")}
      extra={
        <Typography.Text type="secondary">
          {revision === null ? t("start.nothingRuns") : t("start.against", { revision })}
        </Typography.Text>
      }
    >
      {changes.length ? (
        <ChangeList changes={changes} isFirst={revision === null} />
      ) : (
        <Typography.Text type="secondary">{t("start.nothingChanges")}</Typography.Text>
      )}
    </Card>
  );
}
