import { Form, Input, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "./FormDialog";

interface Props {
  title: string;
  /** What has to be typed before it can be deleted. */
  name: string;
  send: () => Promise<unknown>;
  onClose: () => void;
  /** What goes with it, and what stays. */
  children: ReactNode;
}

/** Delete what cannot be brought back; its name has to be typed first. */
export function DeleteDialog({ title, name, send, onClose, children }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ confirmation: string }>();
  const typed = Form.useWatch("confirmation", form);
  return (
    <FormDialog<{ confirmation: string }, unknown>
      title={title}
      verb={t("delete")}
      isDanger
      isBlocked={typed !== name}
      form={form}
      onClose={onClose}
      send={send}
    >
      <Typography.Paragraph>{children}</Typography.Paragraph>
      <Form.Item name="confirmation" label={t("typeToConfirm", { name })}>
        <Input autoComplete="off" placeholder={name} />
      </Form.Item>
    </FormDialog>
  );
}
