import { Flex } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay } from "@/api/permissions";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";

const DIALOGS = {
  edit: lazyDialog(() => import("./EditEnvironmentDialog"), "EditEnvironmentDialog"),
  traffic: lazyDialog(() => import("./EditTrafficDialog"), "EditTrafficDialog"),
  delete: lazyDialog(() => import("./DeleteEnvironmentDialog"), "DeleteEnvironmentDialog"),
} as const;

/** What can be done to an environment; what cannot be done now says why. */
export function EnvironmentActions({ environment }: { environment: Schemas["Environment"] }) {
  const { t } = useTranslation(["projects", "ui"]);
  const may = useMay(environment.project);
  const [open, setOpen] = useState<keyof typeof DIALOGS>();
  const Dialog = open && DIALOGS[open];
  const isLeaving = environment.status.phase === "Terminating" ? t("isLeaving") : undefined;
  const isHeld = Object.keys(environment.reserved).length > 0 ? t("stillHeld") : undefined;
  const notYours = (permission: string) =>
    may(permission) === false ? t("needsPlatformAdmin") : undefined;
  return (
    <Flex gap={8} wrap>
      <ActionButton
        size="small"
        whyNot={notYours("quota.write") ?? isLeaving}
        onClick={() => setOpen("edit")}
      >
        {t("editQuota")}
      </ActionButton>
      <ActionButton
        size="small"
        whyNot={may("traffic.write") === false ? t("needsProjectAdmin") : isLeaving}
        onClick={() => setOpen("traffic")}
      >
        {t("traffic.edit")}
      </ActionButton>
      <ActionButton
        size="small"
        danger
        whyNot={notYours("environment.write") ?? isLeaving ?? isHeld}
        onClick={() => setOpen("delete")}
      >
        {t("ui:delete")}
      </ActionButton>
      {Dialog && <Dialog environment={environment} onClose={() => setOpen(undefined)} />}
    </Flex>
  );
}
