import { useNavigate } from "@tanstack/react-router";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/api/client";
import { useMe } from "@/api/me";
import { FormDialog } from "@/ui/FormDialog";

interface Props {
  project: string;
  username: string;
  onClose: () => void;
}

/** Take somebody's role away; who leaves cannot see the project any more. */
export function RemoveMemberDialog({ project, username, onClose }: Props) {
  const { t } = useTranslation("accounts");
  const me = useMe();
  const navigate = useNavigate();
  const isLeaving = username === me.username && !me.is_platform_admin;
  return (
    <FormDialog
      title={t("removeTitle", { username })}
      verb={t("remove")}
      isDanger
      onClose={onClose}
      onDone={() => isLeaving && void navigate({ to: "/projects" })}
      send={() =>
        client
          .DELETE("/api/v1/projects/{project}/members/{username}", {
            params: { path: { project, username } },
          })
          .then(answerOf)
      }
    >
      <Typography.Paragraph>
        {isLeaving ? t("leaveHint") : t("removeHint", { username })}
      </Typography.Paragraph>
    </FormDialog>
  );
}
