import { useTranslation } from "react-i18next";

/** Return how a reason of the closed list is called; one that is new is shown as it is. */
export function useReason(reason: string): string {
  const { t } = useTranslation("reasons");
  return reason ? t(reason as "Invalid", { defaultValue: reason }) : "";
}

/** A reason in words, with its own name on hover. */
export function ReasonText({ reason }: { reason: string }) {
  return <span title={reason}>{useReason(reason)}</span>;
}
