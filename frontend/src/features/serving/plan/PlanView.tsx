import { Descriptions, Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatDuration } from "@/ui/Time";
import { ChangeList } from "../changes/ChangeList";
import { NeedsTable } from "../changes/NeedsTable";
import { needsOf } from "../changes/needs";
import { fieldsOf, settingsOf } from "../drift/drift";
import { FieldList } from "../drift/FieldList";
import { StepList } from "../StepList";
import { StrategyText } from "../StrategyText";
import { FitLines } from "./FitLines";
import type { Plan } from "./usePlan";

interface Props {
  plan: Plan;
}

/** What a change would do: to the cluster or to the settings, to the pods, and to the quota. */
export function PlanView({ plan }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const [fields, settings] = [fieldsOf(plan), settingsOf(plan)];
  return (
    <Flex vertical gap={16}>
      {fields.length > 0 && (
        <Part title={t("plan.changes")}>
          <FieldList label={t("plan.changes")} fields={fields} />
        </Part>
      )}
      {settings.length > 0 && (
        <Part title={t("plan.settings")}>
          <ChangeList changes={settings} />
        </Part>
      )}
      {!fields.length && !settings.length && <span>{t("plan.noChanges")}</span>}
      <PodsOf plan={plan} />
      {plan.steps.length > 0 && (
        <Part title={t("steps.title")}>
          <StepList steps={plan.steps} replicas={plan.desired_replicas} />
        </Part>
      )}
      <Part title={t("plan.room")}>
        <FitLines fit={plan.fit} needs={plan.quota} />
        {plan.highest_replicas !== null && (
          <Typography.Text type="secondary">
            {t("plan.highest", { count: plan.highest_replicas })}
          </Typography.Text>
        )}
        {plan.quota.length > 0 && <NeedsTable needs={needsOf(plan.quota)} />}
      </Part>
    </Flex>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Typography.Text strong style={{ display: "block", marginBlockEnd: 4 }}>
        {title}
      </Typography.Text>
      <Flex vertical gap={8}>
        {children}
      </Flex>
    </section>
  );
}

/** Which version, which pods stop and start, how, and how long that takes. */
function PodsOf({ plan }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const items = [
    { key: "kind", label: t("change"), children: t(`ui:kinds.${plan.kind}`) },
    { key: "version", label: t("ui:version"), children: <Versions plan={plan} /> },
    {
      key: "replicas",
      label: t("ui:replicas"),
      children: t("plan.replicas", { from: plan.from_replicas, to: plan.desired_replicas }),
    },
    { key: "pods", label: t("plan.pods"), children: <Moving plan={plan} /> },
    {
      key: "serving",
      label: t("plan.lowest"),
      children: t("plan.lowestOf", {
        lowest: plan.lowest_serving_replicas,
        of: plan.from_replicas,
      }),
    },
    ...(plan.strategy
      ? [
          {
            key: "strategy",
            label: t("figures.strategy"),
            children: (
              <span>
                <StrategyText strategy={plan.strategy} />
                {"; "}
                <Typography.Text type="secondary">{plan.strategy_reason}</Typography.Text>
              </span>
            ),
          },
        ]
      : []),
    {
      key: "expected",
      label: t("plan.expected"),
      children: plan.expected_seconds
        ? t("plan.expectedIn", {
            median: formatDuration(plan.expected_seconds.median),
            p90: formatDuration(plan.expected_seconds.p90),
          })
        : t("plan.expectedUnknown"),
    },
  ];
  return <Descriptions size="small" column={1} items={items} />;
}

function Moving({ plan: { stopping_replicas: stopping, starting_replicas: starting } }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  if (!stopping && !starting) return t("plan.noPods");
  const said = [
    stopping ? t("plan.stopping", { count: stopping }) : "",
    starting ? t("plan.starting", { count: starting }) : "",
  ];
  return said.filter(Boolean).join(t("ui:comma"));
}

function Versions({ plan }: Props) {
  const { t } = useTranslation("serving");
  const { from_version: before, to_version: after } = plan;
  const { from_revision: left, to_revision: reached } = plan;
  const shown = (version: string | null, revision: number | null) =>
    version === null
      ? t("nothing")
      : revision === null
        ? version
        : t("versionAndRevision", { version, revision });
  const target =
    after !== null && reached === null ? t("plan.anewRevision", { version: after }) : "";
  const becomes = target || shown(after, reached);
  return left === reached && before === after ? becomes : `${shown(before, left)} → ${becomes}`;
}
