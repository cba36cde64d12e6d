import { Card, Flex, Statistic } from "antd";
import { useTranslation } from "react-i18next";
import { Actor } from "@/ui/Actor";
import { Age } from "@/ui/Time";
import { StrategyText } from "../StrategyText";
import type { RolloutDetail } from "../types";

/** How far a rollout is, in pods; who started it, and how it replaces. */
export function RolloutFigures({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const of = rollout.desired_replicas;
  const figures = [
    ["updated", rollout.updated_replicas],
    ["readyPods", rollout.ready_replicas],
    ["available", rollout.available_replicas],
  ] as const;
  return (
    <Card size="small">
      <Flex gap="16px 48px" wrap>
        {rollout.kind !== "decommission" &&
          figures.map(([key, count]) => (
            <Statistic
              key={key}
              title={t(`figures.${key}`)}
              value={`${count ?? t("ui:unknown")} / ${of}`}
            />
          ))}
        <Fact title={t("figures.strategy")}>
          <StrategyText strategy={rollout.strategy} />
        </Fact>
        <Fact title={t("startedBy")}>
          <Actor
            name={rollout.started_by}
            kind={rollout.started_by_kind}
            token={rollout.started_by_token}
          />
        </Fact>
        <Fact title={t("started")}>
          <Age at={rollout.clock.requested_at} />
        </Fact>
      </Flex>
    </Card>
  );
}

function Fact({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Statistic
      title={title}
      value=" "
      formatter={() => <span style={{ fontSize: 16 }}>{children}</span>}
    />
  );
}
