import { Flex } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { Section } from "@/ui/Section";
import { useAgeColumns } from "./columns";
import { type Login, type Place, useLogins, useWhyNotWrite } from "./place";

const DIALOGS = {
  put: lazyDialog(() => import("./PutLoginDialog"), "PutLoginDialog"),
  delete: lazyDialog(() => import("./DeleteLoginDialog"), "DeleteLoginDialog"),
} as const;

type Open = { verb: "put"; login?: Login } | { verb: "delete"; login: Login };

/** Logins for registries, with which every service of the environment pulls its image. */
export function Logins({ place }: { place: Place }) {
  const { t } = useTranslation(["projects", "ui"]);
  const whyNot = useWhyNotWrite(place);
  const logins = useLogins(place);
  const ages = useAgeColumns<Login>(place);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const create = (
    <ActionButton whyNot={whyNot} onClick={() => setOpen({ verb: "put" })}>
      {t("secrets.createLogin")}
    </ActionButton>
  );
  return (
    <Section title={t("secrets.logins")} hint={t("secrets.loginsHint")} action={create}>
      <List<Login>
        query={logins}
        rowKey="name"
        empty={<Empty action={create}>{t("secrets.noLogins")}</Empty>}
        columns={[
          { title: t("ui:name"), render: (_, { name }) => <strong>{name}</strong> },
          { title: t("secrets.server"), render: (_, { server }) => <code>{server}</code> },
          ...ages,
          {
            title: "",
            align: "right",
            render: (_, login) => (
              <Flex gap={8} justify="end">
                <ActionButton
                  size="small"
                  whyNot={whyNot}
                  onClick={() => setOpen({ verb: "put", login })}
                >
                  {t("secrets.change")}
                </ActionButton>
                <ActionButton
                  size="small"
                  danger
                  whyNot={whyNot}
                  onClick={() => setOpen({ verb: "delete", login })}
                >
                  {t("ui:delete")}
                </ActionButton>
              </Flex>
            ),
          },
        ]}
      />
      {open?.verb === "put" && <DIALOGS.put place={place} login={open.login} onClose={close} />}
      {open?.verb === "delete" && (
        <DIALOGS.delete place={place} login={open.login} onClose={close} />
      )}
    </Section>
  );
}
