import { ArrowRightOutlined } from "@ant-design/icons";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Rollout } from "../types";

type Versions = Pick<
  Rollout,
  "kind" | "from_version" | "to_version" | "from_revision" | "to_revision" | "desired_replicas"
>;

/** From which version to which, or to how many replicas. */
export function VersionChange({ rollout }: { rollout: Versions }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { kind, from_version: before, to_version: after } = rollout;
  if (kind === "scale") return <span>{t("toReplicas", { count: rollout.desired_replicas })}</span>;
  const isSame = before === after;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {before && !isSame && (
        <>
          <Typography.Text code title={t("revisionNumber", { number: rollout.from_revision })}>
            {before}
          </Typography.Text>
          <ArrowRightOutlined aria-label={t("to")} style={{ marginInline: 4 }} />
        </>
      )}
      {after ? (
        <Typography.Text code title={t("revisionNumber", { number: rollout.to_revision })}>
          {after}
        </Typography.Text>
      ) : (
        <span>{t("nothing")}</span>
      )}
    </span>
  );
}
