import { Form, Input, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, api, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { RoleField } from "./RoleField";
import { DEFAULT_LIFETIME_DAYS, inDays, LIFETIMES_DAYS } from "./tokenState";

interface Props {
  project: string;
  onClose: () => void;
  onIssued: (token: Schemas["IssuedToken"]) => void;
}

/** Make a token for a machine; what it may do is chosen as narrow as it can be. */
export function CreateTokenDialog({ project, onClose, onIssued }: Props) {
  const { t } = useTranslation(["accounts", "ui"]);
  // A repetition after a cut connection has to be the same request, so its times stay the same.
  const [now] = useState(Date.now);
  const environments = api.useQuery("get", "/api/v1/projects/{project}/environments", {
    params: { path: { project }, query: { limit: 200 } },
  });
  return (
    <FormDialog<Schemas["TokenCreateRequest"], Schemas["IssuedToken"]>
      title={t("createToken")}
      verb={t("ui:create")}
      initialValues={{ role: "deployer", expires_at: inDays(DEFAULT_LIFETIME_DAYS, now) }}
      onClose={onClose}
      onDone={onIssued}
      send={(body, headers) =>
        client
          .POST("/api/v1/projects/{project}/tokens", {
            params: { path: { project } },
            body,
            headers,
          })
          .then(answerOf)
      }
    >
      <Form.Item
        name="name"
        label={t("ui:name")}
        extra={t("tokenNameHint")}
        rules={[
          { required: true, message: t("ui:required") },
          { pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/, message: t("tokenNameRule") },
        ]}
      >
        <Input autoComplete="off" spellCheck={false} maxLength={63} placeholder="ci-bot" />
      </Form.Item>
      <RoleField />
      <Form.Item name="environments" label={t("environments")} extra={t("environmentsHint")}>
        <Select<string[]>
          mode="multiple"
          placeholder={t("allEnvironments")}
          loading={environments.isPending}
          options={environments.data?.results.map(({ name }) => ({ value: name, label: name }))}
        />
      </Form.Item>
      <Form.Item name="expires_at" label={t("expiry")}>
        <Select<string>
          options={LIFETIMES_DAYS.map((days) => {
            const at = inDays(days, now);
            const date = dayjs(at).format("YYYY-MM-DD");
            return { value: at, label: t("lifetime", { count: days, date }) };
          })}
        />
      </Form.Item>
    </FormDialog>
  );
}
