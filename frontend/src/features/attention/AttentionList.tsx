import {
  ClockCircleOutlined,
  DashboardOutlined,
  DiffOutlined,
  DisconnectOutlined,
  ExclamationCircleFilled,
  PauseCircleFilled,
  PieChartOutlined,
} from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { EmptyLine } from "@/ui/Empty";
import { ReasonText } from "@/ui/Reason";
import { Age } from "@/ui/Time";
import { ConcernLink } from "./ConcernLink";
import "./attention.css";

type Attention = Schemas["Attention"];
type Concern = Schemas["Concern"];

/** A need is an icon, a word and a colour; what is broken is red, the rest amber. */
const ICONS: Record<Attention["kind"], ReactNode> = {
  failing: <ExclamationCircleFilled />,
  stale: <DisconnectOutlined />,
  drifted: <DiffOutlined />,
  waiting: <PauseCircleFilled />,
  held_up: <ClockCircleOutlined />,
  over_quota: <PieChartOutlined />,
  idle: <DashboardOutlined />,
};

/** What needs somebody now, the most urgent first. */
export function AttentionList({ kinds }: { kinds: Attention[] }) {
  const { t } = useTranslation("attention");
  if (kinds.length === 0) return <EmptyLine>{t("nothing")}</EmptyLine>;
  return (
    <ul className="slipway-plain-list slipway-needs">
      {kinds.map(({ kind, count, concerns }) => (
        <li key={kind} className={`is-${kind}`}>
          <Typography.Title level={3} className="slipway-subtitle">
            <span className="slipway-need-icon" aria-hidden>
              {ICONS[kind]}
            </span>{" "}
            {t(`kinds.${kind}`)} <span className="slipway-number">{count}</span>
          </Typography.Title>
          <ul className="slipway-plain-list">
            {concerns.map((concern) => (
              <Line
                key={`${concern.object} ${placeOf(concern)} ${concern.name} ${concern.message}`}
                concern={concern}
              />
            ))}
          </ul>
          <More kind={kind} count={count - concerns.length} />
        </li>
      ))}
    </ul>
  );
}

function placeOf({ project, environment, service }: Concern): string {
  return [project, environment, service].filter(Boolean).join("/");
}

function Line({ concern }: { concern: Concern }) {
  const { reason, message, since } = concern;
  return (
    <li>
      <Flex gap={8} wrap align="baseline">
        <strong>
          <ConcernLink concern={concern} />
        </strong>
        <Typography.Text type="secondary">
          <ReasonText reason={reason} />
        </Typography.Text>
        {since && (
          <Typography.Text type="secondary">
            <Age at={since} />
          </Typography.Text>
        )}
      </Flex>
      {message && <div className="slipway-need-message">{message}</div>}
    </li>
  );
}

/** How many are counted and not named, and where they are listed, if anywhere. */
function More({ kind, count }: Pick<Attention, "kind" | "count">) {
  const { t } = useTranslation("attention");
  if (count === 0) return null;
  const words = t("more", { count });
  if (kind === "stale") return <Link to="/platform">{words}</Link>;
  if (kind !== "waiting") return words;
  return (
    <Link to="/rollouts" search={{ phase: "Paused" }}>
      {words}
    </Link>
  );
}
