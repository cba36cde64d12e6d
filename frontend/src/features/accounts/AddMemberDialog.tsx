import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import type { Member } from "./membership";
import { RoleField } from "./RoleField";

interface Props {
  project: string;
  onClose: () => void;
}

/** Give somebody who has an account a role. */
export function AddMemberDialog({ project, onClose }: Props) {
  const { t } = useTranslation(["accounts", "ui"]);
  return (
    <FormDialog<Schemas["MembershipRequest"], Member>
      title={t("addMember")}
      verb={t("add")}
      initialValues={{ role: "viewer" }}
      onClose={onClose}
      send={(body, headers) =>
        client
          .POST("/api/v1/projects/{project}/members", {
            params: { path: { project } },
            body,
            headers,
          })
          .then(answerOf)
      }
    >
      <Form.Item
        name="username"
        label={t("username")}
        extra={t("usernameHint")}
        normalize={(text: string) => text.trim()}
        rules={[{ required: true, message: t("ui:required") }]}
      >
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <RoleField />
    </FormDialog>
  );
}
