import { useNavigate } from "@tanstack/react-router";
import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/ui/FormDialog";
import { DescriptionFields } from "./DescriptionFields";
import { dnsLabel } from "./names";

/** A new tenant; what it needs next is an environment with a quota, so that is where it leads. */
export function CreateProjectDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("projects");
  const navigate = useNavigate();
  return (
    <FormDialog<Schemas["ProjectCreateRequest"], Schemas["ProjectOverviewDetail"]>
      title={t("createTitle")}
      verb={t("create")}
      onClose={onClose}
      send={(body, headers) => client.POST("/api/v1/projects", { body, headers }).then(answerOf)}
      onDone={({ name }) =>
        void navigate({ to: "/projects/$project/environments", params: { project: name } })
      }
    >
      <Form.Item
        name="name"
        label={t("name")}
        extra={t("nameHint")}
        rules={[{ required: true }, dnsLabel(t("nameRule"), 40)]}
      >
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
      <DescriptionFields />
    </FormDialog>
  );
}
