import { Button } from "antd";
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
  const isHeld = project.environments.length > 0 ? t("stillHasEnvironments") : undefined;
  return (
    <>
      {may("project.update") && <Button onClick={() => setOpen("edit")}>{t("ui:edit")}</Button>}
      {may("project.delete") && (
        <ActionButton danger whyNot={isHeld} onClick={() => setOpen("delete")}>
          {t("ui:delete")}
        </ActionButton>
      )}
      {Dialog && <Dialog name={project.name} onClose={() => setOpen(undefined)} />}
    </>
  );
}
