import { useNavigate } from "@tanstack/react-router";
import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { dnsLabel } from "./names";

interface Props {
  isOpen: boolean;
  onClose: () => void;
}

/** A new tenant; what it needs next is an environment with a quota, so that is where it leads. */
export function CreateProjectDialog({ isOpen, onClose }: Props) {
  const { t } = useTranslation("projects");
  const navigate = useNavigate();
  const create = api.useMutation("post", "/api/v1/projects");
  return (
    <FormDialog<Schemas["ProjectCreateRequest"]>
      title={t("createTitle")}
      submitText={t("create")}
      isOpen={isOpen}
      onClose={onClose}
      onSubmit={async (body, key) => {
        await create.mutateAsync({ body, headers: { "Idempotency-Key": key } });
        await navigate({ to: "/projects/$project/environments", params: { project: body.name } });
      }}
    >
      <Form.Item
        name="name"
        label={t("name")}
        extra={t("nameHint")}
        rules={[{ required: true }, dnsLabel(t("nameRule"), 40)]}
      >
        <Input autoFocus autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="display_name" label={t("displayName")} rules={[{ max: 100 }]}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="description" label={t("description")} rules={[{ max: 2000 }]}>
        <Input.TextArea rows={3} />
      </Form.Item>
    </FormDialog>
  );
}
