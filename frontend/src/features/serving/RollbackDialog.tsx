import { Form, Select, Typography } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ChangeDialog } from "./ChangeDialog";
import type { DialogProps } from "./ServiceActions";
import { useChange } from "./useChange";

interface Values {
  revision?: number;
  reason?: string;
}

/** Go back to a revision that was good once: settings and image together. */
export function RollbackDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [form] = Form.useForm<Values>();
  const { attempt, options } = useChange();
  const rollback = api.useMutation(
    "post",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollback",
    options,
  );
  const revisions = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/revisions",
    { params: { path, query: { limit: 200 } } },
  );
  const good = revisions.data?.results.filter(
    (one) => one.good && one.number !== service.current_revision,
  );
  return (
    <ChangeDialog
      title={t("rollbackTitle", { service: service.name })}
      okText={t("verbs.roll_back")}
      error={rollback.error ?? revisions.error}
      isPending={rollback.isPending}
      form={form}
      onClose={onClose}
      onSubmit={({ revision, reason = "" }) =>
        rollback.mutate({
          params: { path },
          headers: attempt.headers,
          body: { reason, ...(revision && { revision }) },
        })
      }
    >
      <Typography.Paragraph>{t("rollbackHint")}</Typography.Paragraph>
      <Form.Item name="revision" label={t("revision")}>
        <Select<number>
          allowClear
          loading={revisions.isPending}
          placeholder={t("lastGood")}
          options={good?.map(({ number, version, succeeded_at: at }) => ({
            value: number,
            label: t("revisionOption", { number, version, age: dayjs(at).fromNow() }),
          }))}
        />
      </Form.Item>
    </ChangeDialog>
  );
}
