import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { ChangeList } from "../changes/ChangeList";
import type { DialogProps } from "../types";
import { draftedChanges } from "./draft";

/** Drop what was drafted and not rolled out. */
export function DiscardDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation("serving");
  return (
    <FormDialog
      title={t("draft.discardTitle", { service: service.name })}
      verb={t("draft.discard")}
      isDanger
      onClose={onClose}
      send={() =>
        client
          .DELETE(
            "/api/v1/projects/{project}/environments/{environment}/services/{service}/draft",
            {
              params: { path },
            },
          )
          .then(answerOf)
      }
    >
      <Typography.Paragraph>{t("draft.discardHint")}</Typography.Paragraph>
      <ChangeList changes={draftedChanges(service)} />
    </FormDialog>
  );
}
