import { Card, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { byImportance } from "@/lib/quantity";
import { Freshness } from "@/ui/Freshness";
import { ResourcePanel } from "./ResourcePanel";

interface Props {
  environment: Schemas["EnvironmentSummary"];
  /** What the charts show: until when, and how long before. */
  until: string;
  windowSeconds: number;
  /** The same over the period before, where that is compared. */
  before?: Schemas["EnvironmentSummary"] | undefined;
}

/** What one environment may use, asked for, and uses. */
export function EnvironmentUsage({ environment, before, ...window }: Props) {
  const { t } = useTranslation();
  const lines = environment.resources.toSorted((a, b) => byImportance(a.resource, b.resource));
  const [first] = lines;
  return (
    <Card
      size="small"
      title={
        <Flex gap="4px 12px" align="baseline" wrap style={{ paddingBlock: 8 }}>
          <Typography.Title level={2} className="slipway-subtitle">
            {environment.environment}
          </Typography.Title>
          <Typography.Text type="secondary" style={{ fontWeight: 400 }}>
            {t("cluster")} <code>{environment.cluster}</code>
          </Typography.Text>
        </Flex>
      }
      extra={
        first && (
          <Freshness observedAt={first.observed_at} isStale={first.stale} reason={first.reason} />
        )
      }
    >
      <div className="slipway-resource-grid">
        {lines.map((line) => (
          <ResourcePanel
            key={line.resource}
            line={line}
            before={before?.resources.find(({ resource }) => resource === line.resource)}
            {...window}
          />
        ))}
      </div>
    </Card>
  );
}
