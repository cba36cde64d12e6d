import { Alert, Form } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { useMe } from "@/api/me";
import { versionedOf } from "@/api/versioned";
import { FormDialog } from "@/ui/FormDialog";
import { ReadFirst } from "@/ui/ReadFirst";
import type { Member } from "./membership";
import { RoleField } from "./RoleField";

type Values = { role: Schemas["Role"] };

interface Props {
  project: string;
  username: string;
  onClose: () => void;
}

/** Change a member's role, as long as nobody else has changed it meanwhile. */
export function ChangeRoleDialog({ project, username, onClose }: Props) {
  const { t } = useTranslation(["accounts", "ui"]);
  const title = t("changeRoleOf", { username });
  const path = { project, username };
  return (
    <ReadFirst
      title={title}
      onClose={onClose}
      read={() =>
        client
          .GET("/api/v1/projects/{project}/members/{username}", { params: { path } })
          .then(versionedOf)
      }
    >
      {({ content, etag }, readAgain) => (
        <FormDialog<Values, Member>
          title={title}
          verb={t("ui:save")}
          initialValues={{ role: content.role }}
          onClose={onClose}
          onReadAgain={readAgain}
          send={(body) =>
            client
              .PATCH("/api/v1/projects/{project}/members/{username}", {
                params: { path, header: { "If-Match": etag } },
                body,
              })
              .then(answerOf)
          }
        >
          <RoleField />
          <OwnRole username={username} />
        </FormDialog>
      )}
    </ReadFirst>
  );
}

/** Says that somebody is about to give up the right to take it back. */
function OwnRole({ username }: { username: string }) {
  const { t } = useTranslation("accounts");
  const me = useMe();
  const role: Schemas["Role"] | undefined = Form.useWatch("role");
  if (username !== me.username || me.is_platform_admin || !role || role === "admin") return null;
  return <Alert type="warning" showIcon title={t("ownRole")} />;
}
