import { CheckCircleFilled, WarningFilled } from "@ant-design/icons";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { formatDuration } from "@/ui/Time";
import type { ServiceProps } from "../types";
import { refusalOf, useWhyNot } from "../whyNot";

/** Only what would be done: nothing is changed. */
export const ASKED = { dry_run: true, reason: "", plan: "" };

/** Whether a reader who may roll back could do so now: to what, and how long that usually takes. */
export function WayBack({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const whyNot = useWhyNot(service.actions, "roll_back");
  const found = api.useQuery(
    "post",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollback",
    { params: { path }, body: ASKED },
    { enabled: !whyNot, retry: false },
  );
  if (whyNot) return <No>{whyNot}</No>;
  if (found.isError) return <No>{t("ui:unknown")}</No>;
  if (!found.data) return <>{t("ui:loading")}</>;
  const plan = found.data as Schemas["Plan"];
  const { to_version: version, to_revision: revision, expected_seconds: expected } = plan;
  if (plan.fit.verdict === "cannot") return <No>{plan.fit.message}</No>;
  return (
    <span>
      <CheckCircleFilled style={{ color: "var(--ant-color-success)" }} />{" "}
      {t("wayBack.to", { version, revision })}{" "}
      <Typography.Text type="secondary">
        {expected
          ? t("wayBack.took", {
              median: formatDuration(expected.median),
              p90: formatDuration(expected.p90),
            })
          : t("wayBack.notChecked")}
      </Typography.Text>
    </span>
  );
}

/** Whether there is anything to say of it: what a reader may not do says nothing of the service. */
export function hasWayBack({ actions, current_revision: revision }: ServiceProps["service"]) {
  return revision !== null && refusalOf(actions, "roll_back")?.reason !== "Forbidden";
}

function No({ children }: { children: string }) {
  return (
    <Typography.Text type="warning">
      <WarningFilled /> {children}
    </Typography.Text>
  );
}
