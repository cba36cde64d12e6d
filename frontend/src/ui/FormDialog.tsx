import { Flex, Form, type FormInstance, Modal } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { ProblemView } from "./ProblemView";

interface Props<Values> {
  title: ReactNode;
  submitText: string;
  isOpen: boolean;
  onClose: () => void;
  /** `key` is one per dialog, for `Idempotency-Key`: sending twice is doing once. */
  onSubmit: (values: Values, key: string) => Promise<void>;
  initialValues?: Partial<Values>;
  isDanger?: boolean;
  width?: number;
  /** Without it the form is made here. */
  form?: FormInstance<Values>;
  children: ReactNode;
}

/** `/quota/limits` as a form names it. */
function pathOf(pointer: string): string[] {
  return pointer.split("/").filter(Boolean);
}

/** A form in a dialog: a refusal is shown at its fields and in the server's words, input is kept. */
export function FormDialog<Values extends object>(props: Props<Values>) {
  const { title, submitText, isOpen, onClose, onSubmit, initialValues, isDanger, width } = props;
  const { t } = useTranslation();
  const [ownForm] = Form.useForm<Values>();
  const form = props.form ?? ownForm;
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const key = useRef("");
  useEffect(() => {
    if (!isOpen) return;
    key.current = crypto.randomUUID();
    setError(undefined);
  }, [isOpen]);

  const send = async (values: Values): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(values, key.current);
      onClose();
    } catch (refusal) {
      const { status, body } = asProblem(refusal);
      setError(refusal);
      form.setFields(
        (body.errors ?? []).map(({ pointer, detail }) => ({
          name: pathOf(pointer) as never,
          errors: [detail],
        })),
      );
      // What was refused was answered: the next attempt is a new one. Silence keeps the key.
      if (status !== 0) key.current = crypto.randomUUID();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open={isOpen}
      title={title}
      okText={submitText}
      cancelText={t("cancel")}
      okButtonProps={{ htmlType: "submit", loading: isBusy, danger: isDanger ?? false }}
      onCancel={onClose}
      width={width ?? 520}
      destroyOnHidden
      mask={{ closable: false }}
      modalRender={(dialog) => (
        <Form<Values>
          form={form}
          layout="vertical"
          preserve={false}
          {...(initialValues && { initialValues: initialValues as never })}
          onFinish={(values) => void send(values)}
        >
          {dialog}
        </Form>
      )}
    >
      <Flex vertical gap={12}>
        {error !== undefined && <ProblemView error={error} />}
        <div>{props.children}</div>
      </Flex>
    </Modal>
  );
}
