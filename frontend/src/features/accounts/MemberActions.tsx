import { Flex } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import type { Member } from "./membership";

const DIALOGS = {
  changeRole: lazyDialog(() => import("./ChangeRoleDialog"), "ChangeRoleDialog"),
  remove: lazyDialog(() => import("./RemoveMemberDialog"), "RemoveMemberDialog"),
} as const;

interface Props {
  project: string;
  member: Member;
  whyNot: string | undefined;
}

/** What can be done to a member. */
export function MemberActions({ project, member, whyNot }: Props) {
  const { t } = useTranslation("accounts");
  const [open, setOpen] = useState<keyof typeof DIALOGS>();
  const Dialog = open && DIALOGS[open];
  return (
    <Flex gap={8} justify="end">
      <ActionButton size="small" whyNot={whyNot} onClick={() => setOpen("changeRole")}>
        {t("changeRole")}
      </ActionButton>
      <ActionButton size="small" danger whyNot={whyNot} onClick={() => setOpen("remove")}>
        {t("remove")}
      </ActionButton>
      {Dialog && (
        <Dialog project={project} username={member.username} onClose={() => setOpen(undefined)} />
      )}
    </Flex>
  );
}
