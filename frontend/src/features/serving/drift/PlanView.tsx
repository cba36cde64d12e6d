import { Descriptions, Flex, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ChangeList } from "../changes/ChangeList";
import { NeedsTable } from "../changes/NeedsTable";
import { needsOf } from "../changes/needs";
import { StrategyText } from "../StrategyText";
import { fieldsOf, type Plan, settingsOf } from "./drift";
import { FieldList } from "./FieldList";

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
      {plan.quota.length > 0 && (
        <Part title={t("plan.quota")}>
          <NeedsTable needs={needsOf(plan.quota)} />
        </Part>
      )}
    </Flex>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Typography.Text strong style={{ display: "block", marginBlockEnd: 4 }}>
        {title}
      </Typography.Text>
      {children}
    </section>
  );
}

/** Which version, how many pods of it, and how they are replaced. */
function PodsOf({ plan }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const { kind, to_version: version, desired_replicas: replicas } = plan;
  const items = [
    { key: "kind", label: t("change"), children: t(`ui:kinds.${kind}`) },
    {
      key: "version",
      label: t("ui:version"),
      children: version ? <Typography.Text code>{version}</Typography.Text> : t("nothing"),
    },
    { key: "replicas", label: t("ui:replicas"), children: replicas },
  ];
  const strategy = {
    key: "strategy",
    label: t("figures.strategy"),
    children: <StrategyText strategy={plan.strategy} />,
  };
  const replacesPods = kind !== "scale" && kind !== "decommission";
  return (
    <Descriptions
      size="small"
      column={{ xs: 1, sm: 2 }}
      items={replacesPods ? [...items, strategy] : items}
    />
  );
}
