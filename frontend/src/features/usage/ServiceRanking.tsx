import { ShareAltOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button, Card, Flex, Segmented, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { useAmount, useResourceName } from "@/ui/Resource";
import { HealthTag } from "@/ui/Status";
import { Table, type TableColumns } from "@/ui/Table";
import type { Rank } from "./queries";
import { hasMore, type RankedService, rankedResources, rankedServices } from "./ranking";

interface Props {
  project: string;
  summary: Schemas["Summary"];
  onChange: (change: { resource?: string; rank?: Rank }) => void;
  onMore: () => void;
  /** What stands here while there are none. */
  empty: React.ReactNode;
}

/** Services by what they hold, or by what they leave idle, of one resource. */
export function ServiceRanking(props: Props) {
  const { project, summary, onChange, onMore, empty } = props;
  const { t } = useTranslation(["usage", "ui"]);
  const nameOf = useResourceName();
  const { resource, rank, total } = summary.ranking;
  const columns = useColumns(project, resource);
  const rows = rankedServices(summary);
  return (
    <Card
      size="small"
      title={t("ranking")}
      extra={
        total > 0 && (
          <Flex gap={8} wrap>
            <Segmented
              aria-label={t("resource")}
              value={resource}
              options={rankedResources(summary).map((value) => ({ value, label: nameOf(value) }))}
              onChange={(value) => onChange({ resource: value })}
            />
            <Segmented<Rank>
              aria-label={t("rankBy")}
              value={rank}
              options={[
                { value: "requested", label: t("byRequested") },
                { value: "idle", label: t("byIdle") },
              ]}
              onChange={(value) => onChange({ rank: value })}
            />
          </Flex>
        )
      }
    >
      <Table<RankedService>
        rowKey={(row) => `${row.environment}/${row.service}`}
        columns={columns(rows)}
        data={rows}
        scroll={{ x: "max-content" }}
        emptyText={<Empty>{empty}</Empty>}
      />
      {hasMore(summary) && (
        <Button block style={{ marginTop: 12 }} onClick={onMore}>
          {t("ui:more")}
        </Button>
      )}
    </Card>
  );
}

function useColumns(project: string, resource: string) {
  const { t } = useTranslation();
  const { t: tUsage } = useTranslation("usage");
  const write = useAmount();
  const amount = (value: number | null) =>
    value === null ? (
      <Typography.Text italic>{t("unknown")}</Typography.Text>
    ) : (
      write(resource, value)
    );
  return (rows: RankedService[]): TableColumns<RankedService> => {
    const most = Math.max(...rows.map(({ requested }) => requested ?? 0)) || 1;
    const number = (title: string, field: "used" | "idle" | "usedPeak" | "requested") => ({
      title,
      dataIndex: field,
      align: "right" as const,
      render: amount,
    });
    return [
      {
        title: t("service"),
        dataIndex: "service",
        render: (service: string, { environment }) => (
          <Link
            to="/projects/$project/environments/$environment/services/$service"
            params={{ project, environment, service }}
          >
            {service}
          </Link>
        ),
      },
      { title: t("environment"), dataIndex: "environment" },
      { title: t("health"), render: (_, { health }) => <HealthTag health={health} /> },
      {
        title: tUsage("share"),
        width: "30%",
        render: (_, row) => <Share service={row} most={most} />,
      },
      number(t("requested"), "requested"),
      {
        ...number(t("used"), "used"),
        render: (used: number | null, { isShared }) => (
          <span title={isShared ? tUsage("sharedHint") : undefined}>
            {isShared && <ShareAltOutlined aria-label={tUsage("shared")} />} {amount(used)}
          </span>
        ),
      },
      number(tUsage("peak"), "usedPeak"),
      number(t("idle"), "idle"),
    ];
  };
}

/** What one service holds beside what the largest holds, and how much of that is at work. */
function Share({ service: { requested, used }, most }: { service: RankedService; most: number }) {
  const width = (value: number) => ({ width: `${Math.min(value / most, 1) * 100}%` });
  const classes = ["slipway-quota-track is-compact", requested === null && "is-unknown"];
  return (
    <div aria-hidden className={classes.filter(Boolean).join(" ")} style={{ minWidth: 120 }}>
      {requested !== null && <span className="slipway-quota-requested" style={width(requested)} />}
      {requested !== null && used === null && (
        <span className="is-unknown" style={width(requested)} />
      )}
      {used !== null && <span className="slipway-quota-used" style={width(used)} />}
    </div>
  );
}
