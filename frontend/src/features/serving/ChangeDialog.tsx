import { Flex, Form, type FormInstance, Input, Modal } from "antd";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { showFieldErrors } from "@/ui/fieldErrors";
import { ProblemView } from "@/ui/ProblemView";

interface Props<Values> {
  title: string;
  okText: string;
  danger?: boolean;
  /** Why it cannot be sent yet. */
  isBlocked?: boolean;
  /** What the server answered to the last try. */
  error: unknown;
  isPending: boolean;
  form: FormInstance<Values>;
  initialValues?: Partial<Values>;
  onSubmit: (values: Values) => void;
  onClose: () => void;
  children?: ReactNode;
}

/** Ask for a change of a service; a refusal is shown here and what was typed stays. */
export function ChangeDialog<Values extends object>(props: Props<Values>) {
  const { t } = useTranslation(["serving", "ui"]);
  const { form, error, children } = props;
  useEffect(() => {
    if (error) showFieldErrors(form, error);
  }, [form, error]);
  return (
    <Modal
      open
      title={props.title}
      okText={props.okText}
      cancelText={t("ui:cancel")}
      okButtonProps={{ danger: props.danger ?? false, disabled: props.isBlocked ?? false }}
      confirmLoading={props.isPending}
      onOk={form.submit}
      onCancel={props.onClose}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={props.initialValues as object}
        onFinish={props.onSubmit}
        requiredMark="optional"
      >
        <Flex vertical>
          {children}
          <Form.Item name="reason" label={t("noteLabel")} style={{ marginBottom: 12 }}>
            <Input maxLength={500} placeholder={t("notePlaceholder")} />
          </Form.Item>
          {error ? <ProblemView error={error} /> : null}
        </Flex>
      </Form>
    </Modal>
  );
}
