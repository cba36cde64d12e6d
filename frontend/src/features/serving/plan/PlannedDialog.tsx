import { Alert, Flex, type FormInstance } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { QueryView } from "@/ui/QueryView";
import type { DialogProps } from "../types";
import { ChangeDialog } from "./ChangeDialog";
import { isRefused } from "./fit";
import { PlanView } from "./PlanView";
import {
  type Plan,
  type PlannedPath,
  type PlannedVerb,
  startPlanned,
  usePlan,
  type Wanted,
} from "./usePlan";

interface Props<Values extends object> extends Pick<DialogProps, "onClose"> {
  verb: PlannedVerb;
  path: PlannedPath;
  title: string;
  /** What it means, beside what the plan says. */
  hint: ReactNode | ((plan: Plan | undefined) => ReactNode);
  /** What is asked for; undefined until the form says it. */
  wanted?: Wanted | undefined;
  isDanger?: boolean;
  isBlocked?: boolean;
  form?: FormInstance<Values & { reason?: string }>;
  initialValues?: Partial<Values>;
  /** What is shown below a plan that was refused. */
  onRefused?: (error: unknown) => ReactNode;
  children?: ReactNode;
}

const NOTHING: Wanted = {};

/** Show what a change would do; start just that. A plan that is out of date is made anew. */
export function PlannedDialog<Values extends object>(props: Props<Values>) {
  const { verb, title, path, hint, wanted = props.form ? undefined : NOTHING } = props;
  const { t } = useTranslation("serving");
  const { query, plan, isAnew, planAnew } = usePlan(verb, path, wanted);
  return (
    <ChangeDialog<Values>
      title={title}
      verb={t(`verbs.${verb}`)}
      isWide
      isDanger={props.isDanger ?? false}
      isBlocked={!plan || isRefused(plan) || (props.isBlocked ?? false)}
      {...(props.form && { form: props.form })}
      initialValues={(props.initialValues ?? {}) as Partial<Values & { reason?: string }>}
      onClose={props.onClose}
      send={async ({ reason = "" }, headers) => {
        if (!plan || !wanted) throw new Error(t("plan.loading"));
        try {
          return await startPlanned(verb, path, { wanted, plan, reason }, headers);
        } catch (error) {
          if (asProblem(error).reason === "PlanStale") planAnew();
          throw error;
        }
      }}
    >
      <Flex vertical gap={16} style={{ marginBlockEnd: 16 }}>
        <span>{typeof hint === "function" ? hint(query.data) : hint}</span>
        {props.children && <div>{props.children}</div>}
        {isAnew && plan && <Alert type="info" showIcon title={t("plan.anew")} />}
        {wanted && (
          <div aria-busy={!plan && query.isFetching} style={{ opacity: plan ? 1 : 0.6 }}>
            <QueryView query={query}>{(made) => <PlanView plan={made} />}</QueryView>
          </div>
        )}
        {props.onRefused?.(query.error)}
      </Flex>
    </ChangeDialog>
  );
}
