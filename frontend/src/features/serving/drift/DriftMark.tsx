import { WarningFilled } from "@ant-design/icons";
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { ListedService } from "../types";

/** That a service differs from what was rolled out, and in how many places. */
export function DriftMark({ drift }: Pick<ListedService, "drift">) {
  const { t } = useTranslation("serving");
  if (!drift.length) return null;
  return (
    <Tag color="warning" icon={<WarningFilled />} title={t("drift.markHint")}>
      {t("drift.mark", { number: drift.length })}
    </Tag>
  );
}
