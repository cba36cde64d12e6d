import { Form, Select, Typography } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import { answerOf, api, client } from "@/api/client";
import { ProblemView } from "@/ui/ProblemView";
import type { DialogProps } from "../types";
import { ChangeDialog } from "./ChangeDialog";

/** Go back to a revision that was good once: settings and image together. */
export function RollbackDialog({ service, path, onClose }: DialogProps) {
  const { t } = useTranslation("serving");
  const revisions = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/revisions",
    { params: { path, query: { limit: 200 } } },
  );
  const good = revisions.data?.results.filter(
    (one) => one.good && one.number !== service.current_revision,
  );
  return (
    <ChangeDialog<{ revision?: number }>
      title={t("rollbackTitle", { service: service.name })}
      verb={t("verbs.roll_back")}
      onClose={onClose}
      send={({ revision, reason = "" }, headers) =>
        client
          .POST(
            "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollback",
            { params: { path }, body: { reason, ...(revision && { revision }) }, headers },
          )
          .then(answerOf)
      }
    >
      <Typography.Paragraph>{t("rollbackHint")}</Typography.Paragraph>
      {revisions.isError && <ProblemView error={revisions.error} />}
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
