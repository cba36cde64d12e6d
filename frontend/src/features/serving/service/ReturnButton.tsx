import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import type { ServiceProps } from "../types";
import { useWhyNot } from "../whyNot";

const RollbackDialog = lazyDialog(() => import("../dialogs/RollbackDialog"), "RollbackDialog");

interface Props extends ServiceProps {
  revision: number;
}

/** The way from a row of history to the plan of returning to it; none to what runs already. */
export function ReturnButton({ service, path, revision }: Props) {
  const { t } = useTranslation("serving");
  const [isOpen, setOpen] = useState(false);
  // What hinders a rollback to the last good one need not hinder one to this; what hinders any
  // rollout does. A decommissioned service can return too.
  const refusal = useWhyNot(service.actions, "roll_out");
  if (revision === service.current_revision) return null;
  return (
    <>
      <ActionButton
        size="small"
        whyNot={refusal}
        aria-label={t("plan.returnToNumber", { number: revision })}
        onClick={() => setOpen(true)}
      >
        {t("plan.returnTo")}
      </ActionButton>
      {isOpen && (
        <RollbackDialog
          service={service}
          path={path}
          revision={revision}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
