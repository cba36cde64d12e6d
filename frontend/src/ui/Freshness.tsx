import { ClockCircleOutlined, WarningFilled } from "@ant-design/icons";
import { Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ReasonText } from "./Reason";
import { Age } from "./Time";

interface Props {
  /** When the numbers are from; null if there were never any. */
  observedAt: string | null;
  isStale: boolean;
  reason?: string;
}

/** From when numbers are, and why they are not newer. */
export function Freshness({ observedAt, isStale, reason = "" }: Props) {
  const { t } = useTranslation();
  // Who does not answer is named before the last numbers are old.
  if (!isStale && reason !== "PrometheusUnavailable")
    return (
      <Typography.Text type="secondary">
        <ClockCircleOutlined /> {t("measured")} <Age at={observedAt} />
      </Typography.Text>
    );
  return (
    <Flex gap={8} align="center" wrap>
      <Tag color="warning" icon={<WarningFilled />} style={{ margin: 0 }}>
        {reason ? <ReasonText reason={reason} /> : t("stale")}
      </Tag>
      <Typography.Text type="secondary">
        {t("lastMeasured")} <Age at={observedAt} />
      </Typography.Text>
    </Flex>
  );
}
