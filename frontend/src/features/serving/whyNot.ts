import { useTranslation } from "react-i18next";
import { useMay } from "@/api/permissions";
import { useReason } from "@/ui/Reason";
import type { AllowedAction } from "./types";

/** Return the refusal of a verb, if the server would refuse it now. */
export function refusalOf(
  actions: AllowedAction[] | undefined,
  verb: string,
): AllowedAction | undefined {
  return actions?.find((action) => action.verb === verb && !action.allowed);
}

/** Return why a verb cannot be used now, in a sentence; nothing when it can. */
export function useWhyNot(actions: AllowedAction[] | undefined, verb: string): string | undefined {
  const { t } = useTranslation(["serving", "ui"]);
  const refusal = refusalOf(actions, verb);
  const reason = useReason(refusal?.reason ?? "");
  if (!refusal) return undefined;
  return refusal.message || reason || t("notNow");
}

/** Return why the reader may not do something in a project; nothing when he may, or is not known. */
export function useMayNot(project: string, permission: string): string | undefined {
  const { t } = useTranslation(["serving", "ui"]);
  return useMay(project)(permission) === false ? t("notYourRole") : undefined;
}
