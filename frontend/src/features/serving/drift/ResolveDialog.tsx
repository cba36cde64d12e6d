import { Alert, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { QueryView } from "@/ui/QueryView";
import { ChangeDialog } from "../dialogs/ChangeDialog";
import type { DialogProps } from "../types";
import { PlanView } from "./PlanView";
import { type Resolution, startPlanned, usePlan } from "./usePlan";

interface Props extends DialogProps {
  verb: Resolution;
}

/** What a restore means that is more than writing back. */
const HINTS: Partial<Record<string, "plan.restoreHintGone" | "plan.restoreHintAnew">> = {
  decommission: "plan.restoreHintGone",
  restart: "plan.restoreHintAnew",
};

/** Show what ending a drift would do; start just that. A plan that is out of date is made anew. */
export function ResolveDialog({ verb, service, path, onClose }: Props) {
  const { t } = useTranslation("serving");
  const { query, isAnew, planAnew } = usePlan(verb, path);
  const plan = query.data;
  return (
    <ChangeDialog
      title={t(`plan.${verb}Title`, { service: service.name })}
      verb={t(`verbs.${verb}`)}
      isWide
      isBlocked={!plan}
      onClose={onClose}
      send={async ({ reason = "" }, headers) => {
        if (!plan) throw new Error(t("plan.loading"));
        try {
          return await startPlanned(verb, path, { plan, reason }, headers);
        } catch (error) {
          if (asProblem(error).reason === "PlanStale") planAnew();
          throw error;
        }
      }}
    >
      <Flex vertical gap={16} style={{ marginBlockEnd: 16 }}>
        <span>{t(HINTS[plan?.kind ?? ""] ?? `plan.${verb}Hint`)}</span>
        {isAnew && plan && <Alert type="info" showIcon title={t("plan.anew")} />}
        <div aria-busy={query.isFetching}>
          <QueryView query={query}>{(made) => <PlanView plan={made} />}</QueryView>
        </div>
        <LeftFields error={query.error} />
      </Flex>
    </ChangeDialog>
  );
}

/** What speaks against taking something over, by name. */
function LeftFields({ error }: { error: unknown }) {
  const { t } = useTranslation("serving");
  const fields = error ? asProblem(error).body.details?.fields : undefined;
  if (!Array.isArray(fields)) return null;
  return (
    <section aria-label={t("plan.leftFields")}>
      <Typography.Text strong>{t("plan.leftFields")}</Typography.Text>
      <ul style={{ margin: 0, paddingInlineStart: 20, overflowWrap: "anywhere" }}>
        {fields.map((field) => (
          <li key={String(field)}>
            <code>{String(field)}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
