import { Typography } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import { Actor } from "@/ui/Actor";
import { ReasonText } from "@/ui/Reason";
import { PhaseTag } from "@/ui/Status";
import { Table } from "@/ui/Table";
import { exactTime } from "@/ui/Time";
import type { RolloutDetail } from "../types";

type Entry = RolloutDetail["timeline"][number];

/** Who changed what of a rollout, when and why: the newest first. */
export function RolloutTimeline({ timeline }: { timeline: Entry[] }) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Table<Entry>
      scroll={{ x: 600 }}
      rowKey={(entry) => entry.at + entry.reason}
      data={[...timeline].reverse()}
      columns={[
        {
          title: t("ui:time"),
          width: 110,
          render: (_, { at }) => (
            <time dateTime={at} title={exactTime(at)}>
              {dayjs(at).format("HH:mm:ss")}
            </time>
          ),
        },
        {
          title: t("ui:status"),
          width: 130,
          render: (_, { phase }) => <PhaseTag phase={phase} />,
        },
        {
          title: t("why"),
          render: (_, { reason, message }) => (
            <>
              <ReasonText reason={reason} />
              <Typography.Paragraph type="secondary" style={{ margin: 0 }}>
                {message}
              </Typography.Paragraph>
            </>
          ),
        },
        {
          title: t("ui:actor"),
          width: 140,
          render: (_, { actor, actor_kind: kind, actor_token: token }) => (
            <Actor name={actor} kind={kind} token={token} />
          ),
        },
      ]}
    />
  );
}
