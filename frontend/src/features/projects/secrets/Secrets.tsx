import { Flex, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { Section } from "@/ui/Section";
import { useAgeColumns } from "./columns";
import { type Place, type Secret, useSecrets, useWhyNotWrite } from "./place";

const DIALOGS = {
  create: lazyDialog(() => import("./CreateSecretDialog"), "CreateSecretDialog"),
  change: lazyDialog(() => import("./ChangeSecretDialog"), "ChangeSecretDialog"),
  delete: lazyDialog(() => import("./DeleteSecretDialog"), "DeleteSecretDialog"),
} as const;

type Open = { verb: "create" } | { verb: "change" | "delete"; secret: Secret };

/** Values that services get as variables or files; names and keys are shown, and no value. */
export function Secrets({ place }: { place: Place }) {
  const { t } = useTranslation(["projects", "ui"]);
  const whyNot = useWhyNotWrite(place);
  const secrets = useSecrets(place);
  const ages = useAgeColumns<Secret>(place);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const create = (
    <ActionButton whyNot={whyNot} onClick={() => setOpen({ verb: "create" })}>
      {t("secrets.create")}
    </ActionButton>
  );
  return (
    <Section title={t("secrets.title")} hint={t("secrets.hint")} action={create}>
      <List<Secret>
        query={secrets}
        rowKey="name"
        empty={<Empty action={create}>{t("secrets.none")}</Empty>}
        columns={[
          { title: t("ui:name"), render: (_, { name }) => <strong>{name}</strong> },
          { title: t("secrets.keys"), render: (_, { keys }) => <Keys of={keys} /> },
          ...ages,
          {
            title: "",
            align: "right",
            render: (_, secret) => (
              <Flex gap={8} justify="end">
                <ActionButton
                  size="small"
                  whyNot={whyNot}
                  onClick={() => setOpen({ verb: "change", secret })}
                >
                  {t("secrets.change")}
                </ActionButton>
                <ActionButton
                  size="small"
                  danger
                  whyNot={whyNot ?? (secret.used_by.length ? t("secrets.inUse") : undefined)}
                  onClick={() => setOpen({ verb: "delete", secret })}
                >
                  {t("ui:delete")}
                </ActionButton>
              </Flex>
            ),
          },
        ]}
      />
      {open?.verb === "create" && <DIALOGS.create place={place} onClose={close} />}
      {open?.verb === "change" && (
        <DIALOGS.change place={place} secret={open.secret} onClose={close} />
      )}
      {open?.verb === "delete" && (
        <DIALOGS.delete place={place} secret={open.secret} onClose={close} />
      )}
    </Section>
  );
}

function Keys({ of }: { of: string[] }) {
  return (
    <Flex gap={4} wrap>
      {of.map((key) => (
        <Tag key={key}>
          <code>{key}</code>
        </Tag>
      ))}
    </Flex>
  );
}
