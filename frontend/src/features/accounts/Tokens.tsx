import { Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay } from "@/api/permissions";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { Section } from "@/ui/Section";
import type { TableColumns } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { RevokeToken } from "./RevokeToken";
import { SecretDialog } from "./SecretDialog";
import { TokenExpiry } from "./TokenExpiry";
import { type Token, useTokens } from "./tokenState";

const CreateTokenDialog = lazyDialog(() => import("./CreateTokenDialog"), "CreateTokenDialog");

/** The tokens that machines of a project act with; only those who manage them see them. */
export function Tokens({ project }: { project: string }) {
  const { t } = useTranslation("accounts");
  const may = useMay(project);
  const notYours = may("token.write") === false ? t("needsAdmin") : undefined;
  const maySee = may("token.view") ?? false;
  const [isCreating, setCreating] = useState(false);
  const [issued, setIssued] = useState<Schemas["IssuedToken"]>();
  const tokens = useTokens(project, maySee);
  const columns = useColumns(project, notYours);
  const create = (
    <ActionButton whyNot={notYours} onClick={() => setCreating(true)}>
      {t("createToken")}
    </ActionButton>
  );
  return (
    <Section title={t("tokens")} hint={t("tokensHint")} action={create}>
      {maySee ? (
        <List<Token>
          query={tokens}
          rowKey="id"
          columns={columns}
          empty={<Empty action={create}>{t("noTokens")}</Empty>}
        />
      ) : (
        <Empty>{t("tokensNotYours")}</Empty>
      )}
      {isCreating && (
        <CreateTokenDialog
          project={project}
          onClose={() => setCreating(false)}
          onIssued={setIssued}
        />
      )}
      {issued && <SecretDialog token={issued} onClose={() => setIssued(undefined)} />}
    </Section>
  );
}

function useColumns(project: string, notYours: string | undefined): TableColumns<Token> {
  const { t } = useTranslation(["accounts", "ui"]);
  return [
    {
      title: t("ui:name"),
      render: (_, { name, prefix }) => (
        <>
          <strong>{name}</strong>{" "}
          <Typography.Text type="secondary" title={t("prefixHint")}>
            <code>{prefix}…</code>
          </Typography.Text>
        </>
      ),
    },
    { title: t("role"), render: (_, { role }) => t(`ui:roles.${role}`) },
    { title: t("environments"), render: (_, token) => <Reach of={token} /> },
    { title: t("expiry"), render: (_, token) => <TokenExpiry token={token} /> },
    { title: t("lastUsed"), render: (_, { last_used_at: at }) => <Age at={at} /> },
    {
      title: t("created"),
      render: (_, { created_at: at, created_by: by }) => (
        <>
          <Age at={at} />
          {by && ` · ${by}`}
        </>
      ),
    },
    {
      title: "",
      align: "right",
      render: (_, token) => <RevokeToken project={project} token={token} notYours={notYours} />,
    },
  ];
}

/** What a token may change: all environments, or those that it is restricted to. */
function Reach({ of: { environments, is_restricted: isRestricted } }: { of: Token }) {
  const { t } = useTranslation("accounts");
  if (!isRestricted) return t("allEnvironments");
  if (environments.length === 0)
    return <span title={t("environmentsGoneHint")}>{t("environmentsGone")}</span>;
  return environments.map((name) => <Tag key={name}>{name}</Tag>);
}
