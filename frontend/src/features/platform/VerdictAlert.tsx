import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Age } from "@/ui/Time";
import { isOwn, type PartHealth, type Verdict } from "./health";
import { PartTrouble } from "./PartState";

type Finding = "both" | "ours" | "theirs" | "unclear" | "missed" | "well";

const TONE = {
  both: "error",
  ours: "error",
  theirs: "error",
  unclear: "warning",
  missed: "warning",
  well: "success",
} as const;

/** Whose problem it is, before anything else is read. */
export function VerdictAlert({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation("platform");
  const finding = findingOf(verdict);
  const { ours, theirs, unclear, missed } = verdict;
  const bad = [...ours, ...theirs, ...unclear, ...missed];
  return (
    <Alert
      type={TONE[finding]}
      showIcon
      role="status"
      title={t(`verdicts.${finding}`)}
      description={
        bad.length > 0 && (
          <ul className="slipway-plain-list">
            {bad.map((part) => (
              <li key={`${part.name}/${part.instance}`}>
                <PartTitle part={part} /> <PartTrouble part={part} />{" "}
                {part.observed_at && (
                  <>
                    ({t("asOf")} <Age at={part.observed_at} />)
                  </>
                )}
              </li>
            ))}
            {ours.length > 0 && <li>{t("oldNews")}</li>}
          </ul>
        )
      }
    />
  );
}

function findingOf({ ours, theirs, unclear, missed }: Verdict): Finding {
  if (ours.length > 0) return theirs.length > 0 ? "both" : "ours";
  if (theirs.length > 0) return "theirs";
  if (unclear.length > 0) return "unclear";
  return missed.length > 0 ? "missed" : "well";
}

function PartTitle({ part }: { part: PartHealth }) {
  const { t } = useTranslation("platform");
  const name = t(`parts.${part.name}`);
  if (isOwn(part)) return <>{part.instance ? `${name} ${part.instance}` : name}:</>;
  return <>{t("ofCluster", { name, cluster: part.instance })}:</>;
}
