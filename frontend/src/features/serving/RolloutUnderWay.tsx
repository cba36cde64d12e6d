import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { useReason } from "@/ui/Reason";
import type { Service } from "./types";

/** The change that a service is in, and the way to it. */
export function RolloutUnderWay({ rollout }: { rollout: NonNullable<Service["rollout"]> }) {
  const { t } = useTranslation(["serving", "ui"]);
  const reason = useReason(rollout.reason ?? "");
  return (
    <Alert
      type="info"
      showIcon
      title={t("underWay", {
        kind: t(`ui:kinds.${rollout.kind}`),
        phase: rollout.phase ? t(`ui:phases.${rollout.phase}`) : "",
      })}
      description={
        <span style={{ overflowWrap: "anywhere" }}>
          {reason}
          {rollout.message && ` · ${rollout.message}`}
        </span>
      }
      action={
        <Link to="/rollouts/$rollout" params={{ rollout: rollout.id }}>
          {t("watch")}
        </Link>
      }
    />
  );
}
