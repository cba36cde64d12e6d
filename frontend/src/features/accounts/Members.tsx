import { Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/me";
import { useMay } from "@/api/permissions";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { Section } from "@/ui/Section";
import type { TableColumns } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { MemberActions } from "./MemberActions";
import { lastAdmin, type Member, useMembers } from "./membership";

const AddMemberDialog = lazyDialog(() => import("./AddMemberDialog"), "AddMemberDialog");

/** The people of a project and their roles. */
export function Members({ project }: { project: string }) {
  const { t } = useTranslation("accounts");
  const [isAdding, setAdding] = useState(false);
  const mayWrite = useMay(project)("member.write");
  const notYours = mayWrite === false ? t("needsAdmin") : undefined;
  const members = useMembers(project);
  const all = members.data?.pages.flatMap((page) => page.results) ?? [];
  const add = (
    <ActionButton whyNot={notYours} onClick={() => setAdding(true)}>
      {t("addMember")}
    </ActionButton>
  );
  return (
    <Section title={t("members")} hint={t("membersHint")} action={add}>
      <List<Member>
        query={members}
        rowKey="username"
        columns={useColumns({
          project,
          notYours,
          last: members.hasNextPage ? undefined : lastAdmin(all),
        })}
        empty={<Empty action={add}>{t("noMembers")}</Empty>}
      />
      {isAdding && <AddMemberDialog project={project} onClose={() => setAdding(false)} />}
    </Section>
  );
}

interface Shown {
  project: string;
  notYours: string | undefined;
  last: string | undefined;
}

function useColumns({ project, notYours, last }: Shown): TableColumns<Member> {
  const { t } = useTranslation(["accounts", "ui"]);
  const me = useMe();
  const isLast = (username: string) => username === last && !me.is_platform_admin;
  return [
    {
      title: t("username"),
      render: (_, { username }) => (
        <>
          <strong>{username}</strong> {username === me.username && <Tag>{t("you")}</Tag>}
        </>
      ),
    },
    { title: t("role"), render: (_, { role }) => t(`ui:roles.${role}`) },
    { title: t("memberSince"), render: (_, { created_at: at }) => <Age at={at} /> },
    {
      title: "",
      align: "right",
      render: (_, member) => (
        <MemberActions
          project={project}
          member={member}
          whyNot={notYours ?? (isLast(member.username) ? t("lastAdmin") : undefined)}
        />
      ),
    },
  ];
}
