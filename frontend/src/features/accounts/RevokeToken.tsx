import { Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { FormDialog } from "@/ui/FormDialog";
import { Age } from "@/ui/Time";
import type { Token } from "./tokenState";

interface Props {
  project: string;
  token: Token;
  notYours: string | undefined;
}

/** Take a token out of use; whoever holds it is refused at once. */
export function RevokeToken({ project, token, notYours }: Props) {
  const { t } = useTranslation("accounts");
  const [isAsking, setAsking] = useState(false);
  const { id, name, revoked_at: revoked, last_used_at: used } = token;
  return (
    <>
      <ActionButton
        size="small"
        danger
        whyNot={notYours ?? (revoked ? t("alreadyRevoked") : undefined)}
        onClick={() => setAsking(true)}
      >
        {t("revoke")}
      </ActionButton>
      {isAsking && (
        <FormDialog
          title={t("revokeTitle", { name })}
          verb={t("revoke")}
          isDanger
          onClose={() => setAsking(false)}
          send={() =>
            client
              .DELETE("/api/v1/projects/{project}/tokens/{token}", {
                params: { path: { project, token: id } },
              })
              .then(answerOf)
          }
        >
          <Typography.Paragraph>{t("revokeHint")}</Typography.Paragraph>
          <Typography.Paragraph type="secondary">
            {t("lastUsed")} <Age at={used} />
          </Typography.Paragraph>
        </FormDialog>
      )}
    </>
  );
}
