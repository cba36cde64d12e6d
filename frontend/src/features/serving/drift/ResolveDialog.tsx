import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { PlannedDialog } from "../plan/PlannedDialog";
import type { DialogProps } from "../types";
import type { Resolution } from "./drift";

interface Props extends DialogProps {
  verb: Resolution;
}

/** What a restore means that is more than writing back. */
const HINTS: Partial<Record<string, "plan.restoreHintGone" | "plan.restoreHintAnew">> = {
  decommission: "plan.restoreHintGone",
  restart: "plan.restoreHintAnew",
};

/** Show what ending a drift would do; start just that. */
export function ResolveDialog({ verb, service, path, onClose }: Props) {
  const { t } = useTranslation("serving");
  return (
    <PlannedDialog
      verb={verb}
      title={t(`plan.${verb}Title`, { service: service.name })}
      hint={(plan) => t(HINTS[plan?.kind ?? ""] ?? `plan.${verb}Hint`)}
      path={path}
      onClose={onClose}
      onRefused={(error) => <LeftFields error={error} />}
    />
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
