import { getRouteApi } from "@tanstack/react-router";
import { Empty as AntEmpty, Card, Flex, Radio, Tag, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Actor } from "@/ui/Actor";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { Age } from "@/ui/Time";
import type { Revision, Service, ServiceProps } from "../types";
import { ReturnButton } from "./ReturnButton";
import { specText } from "./specText";

const TextDiff = lazy(() => import("./TextDiff"));
const route = getRouteApi("/app/projects/$project/environments/$environment/services/$service");

/** A service's settings over time, and the difference between any two of them. */
export function RevisionsTab({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const revisions = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/revisions",
    { params: { path, query: { limit: 100 } } },
    byCursor,
  );
  const all = revisions.data?.pages.flatMap((page) => page.results) ?? [];
  const to = find(all, search.to) ?? all[0];
  const from = find(all, search.from) ?? all.find((one) => one.number < (to?.number ?? 0));
  const title = from
    ? t("diffTitle", { from: from.number, to: to?.number })
    : t("revisionNumber", { number: to?.number });
  const choose = (change: { from?: string; to?: string }) =>
    void navigate({
      search: (before) => ({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <List<Revision>
        query={revisions}
        rowKey="number"
        empty={<Empty>{t("noRevisions")}</Empty>}
        columns={[
          {
            title: t("diffFrom"),
            width: 60,
            render: (_, { number }) => (
              <Radio
                name="from"
                aria-label={t("diffFromNumber", { number })}
                checked={number === from?.number}
                onChange={() => choose({ from: String(number) })}
              />
            ),
          },
          {
            title: t("diffTo"),
            width: 60,
            render: (_, { number }) => (
              <Radio
                name="to"
                aria-label={t("diffToNumber", { number })}
                checked={number === to?.number}
                onChange={() => choose({ to: String(number) })}
              />
            ),
          },
          { title: t("revision"), dataIndex: "number", align: "right", width: 90 },
          {
            title: t("ui:version"),
            render: (_, { version }) => <Typography.Text code>{version}</Typography.Text>,
          },
          {
            title: t("ui:status"),
            render: (_, revision) => <RevisionTags revision={revision} service={service} />,
          },
          {
            title: t("ui:actor"),
            render: (_, { created_by: name, created_by_kind: kind, created_by_token: token }) => (
              <Actor name={name} kind={kind} token={token} />
            ),
          },
          { title: t("ui:createdAt"), render: (_, { created_at: at }) => <Age at={at} /> },
          {
            render: (_, { number, good }) =>
              good && <ReturnButton service={service} path={path} revision={number} />,
          },
        ]}
      />
      {to && (
        <Card size="small" title={title}>
          {from?.number === to.number ? (
            <AntEmpty image={AntEmpty.PRESENTED_IMAGE_SIMPLE} description={t("diffSame")} />
          ) : (
            <Suspense fallback={t("ui:loading")}>
              <TextDiff
                label={title}
                before={from ? specText(from.spec) : ""}
                after={specText(to.spec)}
              />
            </Suspense>
          )}
        </Card>
      )}
    </>
  );
}

function find(revisions: Revision[], number: string | undefined): Revision | undefined {
  return revisions.find((one) => String(one.number) === number);
}

/** Whether a revision runs now, and whether it ever became ready. */
function RevisionTags({ revision, service }: { revision: Revision; service: Service }) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Flex gap={8}>
      {revision.number === service.current_revision && <Tag color="processing">{t("current")}</Tag>}
      {revision.good ? (
        <Tag color="success">{t("good")}</Tag>
      ) : (
        <Tag color="default">{t("neverReady")}</Tag>
      )}
    </Flex>
  );
}
