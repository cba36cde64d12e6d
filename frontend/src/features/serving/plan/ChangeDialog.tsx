import { useNavigate } from "@tanstack/react-router";
import { Form, Input } from "antd";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "@/ui/FormDialog";
import type { StartedRollout } from "../types";

type Props<Values extends object> = Omit<
  ComponentProps<typeof FormDialog<Values & { reason?: string }, StartedRollout>>,
  "onDone"
>;

/** Ask for a change of a service and a note for those who read of it; then go and watch it. */
export function ChangeDialog<Values extends object>({ children, ...props }: Props<Values>) {
  const { t } = useTranslation("serving");
  const navigate = useNavigate();
  return (
    <FormDialog<Values & { reason?: string }, StartedRollout>
      {...props}
      onDone={({ id }) => void navigate({ to: "/rollouts/$rollout", params: { rollout: id } })}
    >
      {children}
      <Form.Item name="reason" label={t("noteLabel")} style={{ marginBottom: 12 }}>
        <Input maxLength={500} placeholder={t("notePlaceholder")} />
      </Form.Item>
    </FormDialog>
  );
}
