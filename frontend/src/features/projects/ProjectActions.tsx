import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";

const DIALOGS = {
  edit: lazyDialog(() => import("./EditProjectDialog"), "EditProjectDialog"),
  delete: lazyDialog(() => import("./DeleteProjectDialog"), "DeleteProjectDialog"),
} as const;

/** What can be done to a project by whom it belongs to. */
export function ProjectActions({ project }: { project: Schemas["ProjectOverviewDetail"] }) {
  const { t } = useTranslation(["projects", "ui"]);
  const [open, setOpen] = useState<keyof typeof DIALOGS>();
  const Dialog = open && DIALOGS[open];
  const may = (permission: string) => project.permissions.includes(permission);
  const isLeaving = project.deletion_requested_at ? t("projectIsLeaving") : undefined;
  return (
    <>
      {may("project.update") && (
        <ActionButton whyNot={isLeaving} onClick={() => setOpen("edit")}>
          {t("ui:edit")}
        </ActionButton>
      )}
      {may("project.delete") && (
        <ActionButton danger whyNot={isLeaving} onClick={() => setOpen("delete")}>
          {t("ui:delete")}
        </ActionButton>
      )}
      {Dialog && <Dialog name={project.name} onClose={() => setOpen(undefined)} />}
    </>
  );
}
