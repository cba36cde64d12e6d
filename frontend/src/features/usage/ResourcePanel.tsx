import { ShareAltOutlined } from "@ant-design/icons";
import { Flex, Typography } from "antd";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatAmount, GPU_MEMORY, isBytes } from "@/lib/quantity";
import { Chart } from "@/ui/Chart";
import { Figures } from "@/ui/Figures";
import { QuotaBar } from "@/ui/QuotaBar";
import { amountOf, amountsOf } from "@/ui/quota";
import { ResourceName, useAmount, useResourceName } from "@/ui/Resource";
import { courseOf } from "./series";

interface Props {
  line: Schemas["LineWithSeries"];
  before: Schemas["LineWithSeries"] | undefined;
  until: string;
  windowSeconds: number;
}

/** One resource of one environment: its numbers now, and its course over the window. */
export function ResourcePanel(props: Props) {
  const { line } = props;
  const { resource } = line;
  return (
    <Flex vertical gap={10} style={{ minWidth: 0 }}>
      {/* Only its use is measured: nobody asks for it and nothing limits it. */}
      {resource === GPU_MEMORY ? (
        <Flex vertical gap={6}>
          <Typography.Text strong>
            <ResourceName resource={resource} />
          </Typography.Text>
          <Figures resource={resource} figures={{ used: amountOf(line.used) }} />
        </Flex>
      ) : (
        <QuotaBar resource={resource} amounts={amountsOf(line)} />
      )}
      {line.shared && <SharedNote />}
      <Course {...props} />
    </Flex>
  );
}

/** Says that the use is not all of a card's: pods share it, and nobody knows which of them works. */
function SharedNote() {
  const { t } = useTranslation("usage");
  return (
    <Typography.Text type="secondary" title={t("sharedHint")} style={{ fontSize: 12 }}>
      <ShareAltOutlined /> {t("shared")}
    </Typography.Text>
  );
}

function Course({ line, before, until, windowSeconds }: Props) {
  const { t, i18n } = useTranslation("usage");
  const { t: tUi } = useTranslation();
  const write = useAmount();
  const name = useResourceName()(line.resource);
  const format = useCallback(
    (amount: number) => formatAmount(line.resource, amount, i18n.language),
    [line.resource, i18n.language],
  );
  const { series, from, to } = useMemo(() => {
    const to = Date.parse(until);
    const from = to - windowSeconds * 1000;
    const quota = amountOf(line.quota);
    const compared = {
      name: t("usedBefore"),
      color: "--slipway-before",
      stroke: "dashed" as const,
      points: before ? courseOf(before, "used", windowSeconds * 1000) : [],
    };
    const limit = {
      name: tUi("limit"),
      color: "--slipway-quota",
      stroke: "dotted" as const,
      points: [from, to].map((at) => ({ at, value: quota })),
    };
    return {
      from,
      to,
      series: [
        {
          name: tUi("requested"),
          color: "--slipway-requested",
          points: courseOf(line, "requested"),
        },
        {
          name: tUi("used"),
          color: "--slipway-used",
          isFilled: true,
          points: courseOf(line, "used"),
        },
        ...(before ? [compared] : []),
        ...(quota === null ? [] : [limit]),
      ],
    };
  }, [line, before, until, windowSeconds, t, tUi]);
  const average = write(line.resource, amountOf(line.window.used_average));
  const peak = write(line.resource, amountOf(line.window.used_peak));
  if (line.series.length === 0 && !before?.series.length)
    return <Typography.Text type="secondary">{t("noSeries")}</Typography.Text>;
  return (
    <div>
      <Typography.Text type="secondary" style={{ fontSize: 12 }}>
        {t("overWindow", { average, peak })}
        {before && (
          <>
            {" · "}
            <span aria-hidden className="slipway-before-key" />
            {t("beforeWindow", {
              average: write(line.resource, amountOf(before.window.used_average)),
              peak: write(line.resource, amountOf(before.window.used_peak)),
            })}
          </>
        )}
      </Typography.Text>
      <Chart
        label={t("chartLabel", { resource: name, average, peak })}
        series={series}
        from={from}
        to={to}
        format={format}
        isBinary={isBytes(line.resource)}
      />
    </div>
  );
}
