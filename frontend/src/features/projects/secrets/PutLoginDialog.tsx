import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import type { Login, Place } from "./place";
import { SecretNameField } from "./SecretNameField";

interface Props {
  place: Place;
  /** The login that is replaced, whole. */
  login: Login | undefined;
  onClose: () => void;
}

type Values = Schemas["LoginRequest"] & {
  name?: string;
};

/** Say with which login images are pulled from a registry. */
export function PutLoginDialog({ place, login, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const required = [{ required: true, message: t("ui:required") }];
  return (
    <FormDialog<Values, Login>
      title={login ? t("secrets.changeTitle", { secret: login.name }) : t("secrets.createLogin")}
      verb={t("ui:save")}
      initialValues={login ? { server: login.server } : {}}
      onClose={onClose}
      send={({ name = login?.name ?? "", ...body }) =>
        client
          .PUT(
            "/api/v1/projects/{project}/environments/{environment}/pull-credentials/{credential}",
            { params: { path: { ...place, credential: name } }, body },
          )
          .then(answerOf)
      }
    >
      {!login && <SecretNameField placeholder="registry" />}
      <Form.Item name="server" label={t("secrets.server")} rules={required}>
        <Input autoComplete="off" spellCheck={false} placeholder="registry.example.com" />
      </Form.Item>
      <Form.Item name="username" label={t("secrets.username")} rules={required}>
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="password" label={t("secrets.password")} rules={required}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </FormDialog>
  );
}
