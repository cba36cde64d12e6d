import { ExclamationCircleFilled, WarningFilled } from "@ant-design/icons";
import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Figures } from "./Figures";
import { QuotaTrack } from "./QuotaTrack";
import { type Amounts, isAboveCluster, quotaState } from "./quota";
import { ResourceName, useAmount, usePart, useResourceName } from "./Resource";

interface Props {
  resource: string;
  amounts: Amounts;
}

/**
 * One resource against its quota: quota, requested, used and what the cluster has free, as a bar and
 * as labelled numbers. What admission has promised is shown where it differs from what is requested.
 */
export function QuotaBar({ resource, amounts }: Props) {
  const { quota, requested = null, reserved, used, idle, clusterFree = null } = amounts;
  const promised = typeof reserved === "number" && reserved !== requested ? { reserved } : {};
  const measured = used === undefined ? {} : { used };
  const wasted = idle === undefined ? {} : { idle };
  return (
    <Flex vertical gap={6}>
      <Flex justify="space-between" align="baseline" gap={8} wrap>
        <Typography.Text strong>
          <ResourceName resource={resource} />
        </Typography.Text>
        <QuotaNotes amounts={amounts} />
      </Flex>
      <QuotaTrack amounts={amounts} />
      <Figures
        resource={resource}
        figures={{ quota, ...promised, requested, ...measured, ...wasted, clusterFree }}
      />
    </Flex>
  );
}

/** The same in one line, for tables: what is requested of the quota. */
export function CompactQuotaBar({ resource, amounts }: Props) {
  const { t } = useTranslation();
  const write = useAmount();
  const writePart = usePart();
  const name = useResourceName()(resource);
  const { quota, requested = null } = amounts;
  const limit = quota === null ? t("noLimit") : write(resource, quota);
  const held = (quota === null ? write : writePart)(resource, requested);
  const figures = `${held} / ${limit}`;
  const label = t("requestedOfQuota", { resource: name, figures });
  return (
    <div title={label}>
      <Flex justify="space-between" gap={8} style={{ fontSize: 12 }}>
        <ResourceName resource={resource} />
        <span className="slipway-number" style={{ whiteSpace: "nowrap" }}>
          {figures}
        </span>
      </Flex>
      <QuotaTrack amounts={amounts} label={label} isCompact />
    </div>
  );
}

/** What is wrong with a quota, in words. */
export function QuotaNotes({ amounts }: { amounts: Amounts }) {
  const { t } = useTranslation();
  const state = quotaState(amounts);
  return (
    <Flex gap={8} wrap>
      {state === "over" && (
        <Typography.Text type="danger">
          <ExclamationCircleFilled /> {t("overQuota")}
        </Typography.Text>
      )}
      {state === "nearlyFull" && (
        <Typography.Text type="warning">
          <WarningFilled /> {t("nearlyFull")}
        </Typography.Text>
      )}
      {isAboveCluster(amounts) && (
        <Typography.Text type="warning" title={t("quotaAboveClusterHint")}>
          <WarningFilled /> {t("quotaAboveCluster")}
        </Typography.Text>
      )}
    </Flex>
  );
}
