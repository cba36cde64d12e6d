import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { RolloutDetail } from "../types";

/** What the new version gets of the requests now, by what, and what each side has ready. */
export function TrafficSplit({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { traffic, from_version: before, to_version: after } = rollout;
  if (!traffic) return null;
  const { by, share, candidate_ready: fresh, running_ready: old } = traffic;
  const percent = share === null ? null : Math.round(share * 100);
  const said =
    percent === null
      ? t("steps.shareUnknown", { version: after })
      : t("steps.share", { version: after, percent });
  const isUnknown = percent === null;
  return (
    <div>
      <div>{said}</div>
      <div className={`slipway-split${isUnknown ? " is-unknown" : ""}`} aria-hidden>
        {percent !== null && <span style={{ width: `${percent}%` }} />}
      </div>
      <Typography.Text type="secondary">
        {t("steps.ready", { after, fresh, before, old: old ?? t("ui:unknown") })}{" "}
        {t(`steps.by.${by}`)}
      </Typography.Text>
    </div>
  );
}
