import { ArrowRightOutlined } from "@ant-design/icons";
import { Button, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/ui/Time";
import { byObject, compact, type FieldDrift } from "./drift";
import "./drift.css";

/** So many are read; more are asked for. */
const SHOWN_FIRST = 10;

interface Props {
  label: string;
  fields: FieldDrift[];
  /** Whether there is room for what a field was and is beside its name. */
  isWide?: boolean;
}

/** Fields of objects in the cluster, under their objects, each with what it is and was or becomes. */
export function FieldList({ label, fields, isWide = false }: Props) {
  const { t } = useTranslation("serving");
  const [isAll, setAll] = useState(false);
  const shown = isAll ? fields : fields.slice(0, SHOWN_FIRST);
  return (
    <>
      <ul aria-label={label} className={`slipway-differences ${isWide ? "is-wide" : ""}`}>
        {byObject(shown).map(([object, fields]) => (
          <li key={object}>
            <strong style={{ overflowWrap: "anywhere" }}>{object}</strong>
            <ul>
              {fields.map((field) => (
                <Line key={field.field} change={field} />
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {shown.length < fields.length && (
        <Button size="small" onClick={() => setAll(true)} style={{ marginBlockStart: 8 }}>
          {t("drift.showAll", { number: fields.length })}
        </Button>
      )}
    </>
  );
}

function Line({ change }: { change: FieldDrift }) {
  const { t } = useTranslation("serving");
  const { field, before, after, since } = change;
  // What was found has its day and its writer; what is planned has neither.
  const isFound = since !== undefined;
  return (
    <li>
      {field ? <code>{field}</code> : <span>{t("drift.whole")}</span>}
      <span>
        {isFound && <Typography.Text type="secondary">{t("drift.wanted")}</Typography.Text>}
        <Value of={before} isWhole={!field} />
        <ArrowRightOutlined {...(isFound ? { "aria-hidden": true } : { "aria-label": t("to") })} />
        {isFound && <Typography.Text type="secondary">{t("drift.found")}</Typography.Text>}
        <Value of={after} isWhole={!field} isNew />
      </span>
      {isFound && <Writer manager={change.manager} since={since} />}
    </li>
  );
}

function Writer({ manager, since }: { manager: string | undefined; since: string }) {
  const { t } = useTranslation("serving");
  return (
    <span>
      <Typography.Text type="secondary">
        {manager ? t("drift.writtenBy", { manager }) : t("drift.writtenByUnknown")}
        {" · "}
        <Age at={since} />
      </Typography.Text>
    </span>
  );
}

interface ValueProps {
  of: unknown;
  /** It stands for an object, of which is only said that it is there. */
  isWhole: boolean;
  isNew?: boolean;
}

/** A value; null is that there is none. */
function Value({ of, isWhole, isNew = false }: ValueProps) {
  const { t } = useTranslation("serving");
  if (of === null || of === undefined)
    return <Typography.Text type="secondary">{t("drift.absent")}</Typography.Text>;
  if (isWhole) return <Typography.Text strong={isNew}>{t("drift.present")}</Typography.Text>;
  return (
    <Typography.Text code strong={isNew}>
      {compact(of)}
    </Typography.Text>
  );
}
