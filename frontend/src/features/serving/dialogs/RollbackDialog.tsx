import { Form, Select } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ProblemView } from "@/ui/ProblemView";
import { PlannedDialog } from "../plan/PlannedDialog";
import type { DialogProps } from "../types";

interface Values {
  revision?: number | undefined;
}

interface Props extends DialogProps {
  /** Which one was chosen already; without it, the last good one. */
  revision?: number | undefined;
}

/** Go back to a revision that was good once: settings and image together. */
export function RollbackDialog({ service, path, onClose, revision }: Props) {
  const { t } = useTranslation("serving");
  const [form] = Form.useForm<Values & { reason?: string }>();
  // Before the form has drawn itself it has nothing to tell.
  const chosen = Form.useWatch((values: Values) => values, form) ?? { revision };
  const revisions = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/revisions",
    { params: { path, query: { limit: 200 } } },
  );
  const good = revisions.data?.results.filter(
    (one) => one.good && one.number !== service.current_revision,
  );
  return (
    <PlannedDialog<Values>
      verb="roll_back"
      title={t("rollbackTitle", { service: service.name })}
      hint={t("rollbackHint")}
      path={path}
      wanted={chosen.revision ? { revision: chosen.revision } : {}}
      form={form}
      initialValues={{ revision }}
      onClose={onClose}
    >
      {revisions.isError && <ProblemView error={revisions.error} />}
      <Form.Item name="revision" label={t("revision")} style={{ marginBottom: 0 }}>
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
    </PlannedDialog>
  );
}
