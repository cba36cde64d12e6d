import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { CompactQuotaBar, QuotaNotes } from "@/ui/QuotaBar";
import { fullestQuotas } from "./fullness";

/** How full a project is: each resource where its quota is fullest. */
export function QuotaBars({ project }: { project: Schemas["ProjectOverview"] }) {
  const { t } = useTranslation();
  const { t: tProjects } = useTranslation("projects");
  if (!project.environments) return <i>{t("unknown")}</i>;
  const fullest = fullestQuotas(project.environments);
  if (fullest.length === 0)
    return <Typography.Text type="secondary">{tProjects("noQuota")}</Typography.Text>;
  const isOnlyOne = project.environments.length === 1;
  return (
    <Flex gap={16} wrap>
      {fullest.map(({ environment, resource, amounts }) => (
        <div key={resource} style={{ flex: "1 1 150px", maxWidth: 240, minWidth: "max-content" }}>
          <CompactQuotaBar resource={resource} amounts={amounts} />
          <Flex gap={8} style={{ fontSize: 12 }}>
            {!isOnlyOne && <Typography.Text type="secondary">{environment}</Typography.Text>}
            <QuotaNotes amounts={amounts} />
          </Flex>
        </div>
      ))}
    </Flex>
  );
}
