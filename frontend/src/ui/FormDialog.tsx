import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Flex, Form, type FormInstance, Modal } from "antd";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Repeatable, useRepeatable } from "@/api/repeatable";
import { isOutdated } from "@/api/versioned";
import { type FieldPath, showAtFields } from "./fieldErrors";
import { ProblemView } from "./ProblemView";
import { useFocusReturn } from "./useFocusReturn";

interface Props<Values extends object, Answer> {
  title: string;
  /** What the button that sends it says. */
  verb: string;
  isDanger?: boolean;
  /** Whether something is missing before it can be sent. */
  isBlocked?: boolean;
  /** Long forms slide in from the side. */
  isWide?: boolean;
  form?: FormInstance<Values>;
  initialValues?: Partial<Values>;
  send: (values: Values, headers: Repeatable) => Promise<Answer>;
  /** Where a field of the body is in the form, when that is not the same place. */
  toField?: (path: FieldPath, values: Values) => FieldPath;
  onClose: () => void;
  onDone?: (answer: Answer) => void;
  /** Begin anew from what the object is now, where somebody else may change it meanwhile. */
  onReadAgain?: () => void;
  children: ReactNode;
}

/**
 * A form that asks for one thing. What the server refuses is said at its fields and above them, and
 * nothing that was typed is lost. Show it only while it is open: opening it begins anew.
 */
export function FormDialog<Values extends object, Answer>(props: Props<Values, Answer>) {
  const { title, verb, isDanger = false, isBlocked = false, isWide = false, onClose } = props;
  const { t } = useTranslation();
  useFocusReturn();
  const [form] = Form.useForm<Values>(props.form);
  const repeatable = useRepeatable();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: (values: Values) => repeatable(values, (headers) => props.send(values, headers)),
    // An answer may hold a secret; it is not kept where nobody needs it.
    gcTime: 0,
    onSuccess: (answer) => {
      // What was changed is fetched again, whether or not the stream lives.
      void queries.invalidateQueries();
      onClose();
      props.onDone?.(answer);
    },
    onError: (error, values) =>
      showAtFields(form, error, (path) => props.toField?.(path, values) ?? path),
  });
  const body = useRef<HTMLDivElement>(null);
  // Where nothing moves, fields are made before they are on the page: `autoFocus` would do nothing.
  const focusFirstField = (isOpen: boolean) => {
    if (isOpen) body.current?.querySelector<HTMLElement>("input, textarea")?.focus();
  };
  const content = (
    <Flex vertical gap={16} ref={body}>
      {sending.isError && <ProblemView error={sending.error} />}
      {props.onReadAgain && isOutdated(sending.error) && (
        <Flex gap={16} align="center" justify="space-between">
          {t("outdatedHint")}
          <Button onClick={props.onReadAgain}>{t("readAgain")}</Button>
        </Flex>
      )}
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={props.initialValues as Values}
        onFinish={(values) => sending.mutate(values)}
        disabled={sending.isPending}
        scrollToFirstError
      >
        {props.children}
        {/* Enter sends the form, wherever its button is. */}
        <button type="submit" hidden disabled={isBlocked} />
      </Form>
    </Flex>
  );
  const buttons = (
    <Flex gap={8} justify="end">
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button
        type="primary"
        danger={isDanger}
        disabled={isBlocked}
        loading={sending.isPending}
        onClick={() => form.submit()}
      >
        {verb}
      </Button>
    </Flex>
  );
  const shared = {
    open: true,
    title,
    footer: buttons,
    mask: { closable: false },
    afterOpenChange: focusFirstField,
  } as const;
  if (isWide) {
    return (
      <Drawer {...shared} size={640} onClose={onClose}>
        {content}
      </Drawer>
    );
  }
  return (
    <Modal {...shared} onCancel={onClose}>
      {content}
    </Modal>
  );
}
