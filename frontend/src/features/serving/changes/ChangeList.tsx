import { ArrowRightOutlined } from "@ant-design/icons";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { useResourceName } from "@/ui/Resource";
import { exactTime } from "@/ui/Time";
import type { Change } from "./changes";
import "./changes.css";

interface Props {
  changes: Change[];
  /** Nothing was there before, so nothing is crossed out. */
  isFirst?: boolean;
}

/** Settings that change, each with what it is and what it becomes. */
export function ChangeList({ changes, isFirst = false }: Props) {
  return (
    <dl className="slipway-changes">
      {changes.map((change) => (
        <Line key={`${change.aspect}/${change.name}`} change={change} isFirst={isFirst} />
      ))}
    </dl>
  );
}

interface LineProps {
  change: Change;
  isFirst: boolean;
}

function Line({ change: { aspect, name, before, after }, isFirst }: LineProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const resource = useResourceName()(name ?? "");
  // A probe of which nothing is said is one all the same; a variable may be an empty text.
  const shown = (text: string | null) => {
    if (text === "") return aspect === "probes" ? t("start.usual") : '""';
    return text && aspect === "temporary_expires_at" ? exactTime(text) : text;
  };
  // The type of a strategy is the strategy.
  const isNamed = name && !(aspect === "strategy" && name === "type");
  return (
    <div>
      <dt>
        {aspect === "requests" || aspect === "limits" ? (
          t(aspect === "requests" ? "start.request" : "start.limit", { resource })
        ) : (
          <>
            {t(`start.aspects.${aspect}`)} {isNamed && <code>{name}</code>}
          </>
        )}
      </dt>
      <dd>
        {!isFirst && (
          <>
            <Value text={shown(before)} isGone />
            <ArrowRightOutlined aria-label={t("to")} />
          </>
        )}
        <Value text={shown(after)} />
      </dd>
    </div>
  );
}

function Value({ text, isGone = false }: { text: string | null; isGone?: boolean }) {
  const { t } = useTranslation();
  if (text === null) return <Typography.Text type="secondary">{t("none")}</Typography.Text>;
  return (
    <Typography.Text type={isGone ? "secondary" : undefined} delete={isGone} strong={!isGone}>
      {text}
    </Typography.Text>
  );
}
