import { useTranslation } from "react-i18next";

/** Return how an audited action is called; one that is new is shown as it is. */
export function useActionName(): (action: string) => string {
  const { t } = useTranslation("projects");
  return (action) =>
    t(`audit.actions.${action}` as "audit.actions.quota.update", { defaultValue: action });
}

/** Return the actions that there are words for: `object.verb`. */
export function useActions(): string[] {
  const { t } = useTranslation("projects");
  const words = t("audit.actions", { returnObjects: true });
  return Object.entries(words).flatMap(([object, verbs]) =>
    Object.keys(verbs).map((verb) => `${object}.${verb}`),
  );
}
