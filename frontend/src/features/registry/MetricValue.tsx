import { TrophyOutlined } from "@ant-design/icons";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { bestOf, changeOf, decimalsOf } from "./metrics";
import type { ModelVersion } from "./versions";

interface Props {
  metric: string;
  version: ModelVersion;
  newestFirst: ModelVersion[];
}

/** One number, how it differs from the version before, and whether it is the best on the page. */
export function MetricValue({ metric, version, newestFirst }: Props) {
  const { t, i18n } = useTranslation("registry");
  const value = version.metrics[metric];
  if (value === undefined) return <Typography.Text type="secondary">–</Typography.Text>;
  const decimals = decimalsOf(metric, newestFirst);
  const write = (amount: number, signDisplay: "auto" | "exceptZero") =>
    new Intl.NumberFormat(i18n.language, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      signDisplay,
    }).format(amount);
  const change = changeOf(metric, version.version, newestFirst);
  const isBest = bestOf(metric, newestFirst) === value;
  return (
    <div className="slipway-number" style={{ whiteSpace: "nowrap" }}>
      <div title={String(value)}>
        {isBest && (
          <TrophyOutlined
            aria-label={t("best")}
            title={t("best")}
            style={{ color: "var(--ant-color-success)", marginInlineEnd: 4 }}
          />
        )}
        <span style={isBest ? { fontWeight: 600 } : undefined}>{write(value, "auto")}</span>
      </div>
      {change !== null && (
        <Typography.Text type="secondary" style={{ fontSize: 12 }} title={t("change")}>
          {write(change, "exceptZero")}
        </Typography.Text>
      )}
    </div>
  );
}
