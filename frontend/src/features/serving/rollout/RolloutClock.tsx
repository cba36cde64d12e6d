import { Flex, Typography, theme } from "antd";
import dayjs from "dayjs";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { Summary, Table } from "@/ui/Table";
import { formatDuration, underASecond, useNow } from "@/ui/Time";
import { tookSeconds } from "../took";
import type { Clock } from "../types";
import { isCoarse, type Span, spansOf } from "./stages";

/** How long each stretch of a rollout took, and what took longest. */
export function RolloutClock({ clock }: { clock: Clock }) {
  const { t } = useTranslation(["serving", "ui"]);
  const now = useNow(1_000);
  const spans = spansOf(clock, now);
  const total = tookSeconds(clock, now);
  return (
    <Flex vertical gap={8}>
      <Table<Span>
        rowKey="to"
        data={spans}
        columns={[
          {
            title: t("clock.stretch"),
            render: (_, span) => (span.running ? t("clock.until_now") : t(`clock.${span.to}`)),
          },
          {
            title: t("clock.duration"),
            align: "right",
            width: 110,
            render: (_, span) => formatSpan(span),
          },
          {
            width: "40%",
            render: (_, _span, index) => <Bar spans={spans} index={index} total={total} />,
          },
        ]}
        summary={() => (
          <Summary.Row>
            <Summary.Cell index={0}>
              <strong>{clock.finished_at ? t("clock.total") : t("clock.totalSoFar")}</strong>
            </Summary.Cell>
            <Summary.Cell index={1} align="right">
              <strong>{formatDuration(total)}</strong>
            </Summary.Cell>
            <Summary.Cell index={2} />
          </Summary.Row>
        )}
      />
      {clock.registered_at && (
        <Typography.Text type="secondary">
          {t("clock.registered", {
            ago: dayjs(clock.registered_at).from(dayjs(clock.requested_at), true),
          })}
        </Typography.Text>
      )}
    </Flex>
  );
}

/** What rests on times of whole seconds is not shown in milliseconds. */
function formatSpan(span: Span): string {
  if (!isCoarse(span)) return formatDuration(span.seconds);
  const whole = Math.round(span.seconds);
  if (whole >= 60) return formatDuration(whole);
  return span.seconds < 1 ? underASecond() : i18next.t("units.seconds", { amount: whole });
}

interface BarProps {
  spans: Span[];
  index: number;
  total: number;
}

/** One stretch, drawn where it lies in the whole. */
function Bar({ spans, index, total }: BarProps) {
  const { token } = theme.useToken();
  const span = spans[index];
  if (!span || total <= 0) return null;
  const before = spans.slice(0, index).reduce((sum, one) => sum + one.seconds, 0);
  return (
    <div aria-hidden style={{ background: token.colorFillTertiary, height: 8, borderRadius: 4 }}>
      <div
        style={{
          height: 8,
          minWidth: 2,
          borderRadius: 4,
          marginLeft: `${Math.min(99, (before / total) * 100)}%`,
          width: `${(span.seconds / total) * 100}%`,
          background: span.running ? token.colorInfo : token.colorPrimary,
        }}
      />
    </div>
  );
}
