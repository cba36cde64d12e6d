import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { beginOf, endOf } from "@/lib/days";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { Actor } from "@/ui/Actor";
import { useActionName } from "@/ui/auditWords";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import type { TableColumns } from "@/ui/Table";
import { Timestamp } from "@/ui/Time";
import { AuditDetails } from "./AuditDetails";
import { AuditFilters, type AuditSearch } from "./AuditFilters";
import type { AuditEvent } from "./auditObjects";

const route = getRouteApi("/app/projects/$project/audit");

/** Who changed what in a project, the newest first. */
export function AuditPage() {
  const { t } = useTranslation("projects");
  const { project } = route.useParams();
  const { event: open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const events = api.useInfiniteQuery(
    "get",
    "/api/v1/audit-events",
    { params: { query: { project, ...queryOf(filters) } } },
    byCursor,
  );
  const rows = events.data?.pages.flatMap((page) => page.results) ?? [];
  const isFiltered = Object.keys(filters).length > 0;
  const showAll = <Button onClick={() => void navigate({ search: {} })}>{t("audit.all")}</Button>;
  return (
    <Flex vertical gap={12}>
      <AuditFilters
        project={project}
        filters={filters}
        seen={rows.map(({ actor }) => actor)}
        objectName={rows[0]?.object_name}
        onChange={(search) => void navigate({ search, resetScroll: false })}
      />
      <List<AuditEvent>
        query={events}
        rowKey="id"
        columns={useColumns()}
        // What is open inside a row does not widen the table.
        scroll={{ x: 720 }}
        expandable={{
          expandRowByClick: true,
          expandedRowKeys: open ? [Number(open)] : [],
          onExpand: (isOpen, { id }) =>
            void navigate({
              search: { ...filters, ...(isOpen && { event: String(id) }) },
              replace: true,
              resetScroll: false,
            }),
          expandedRowRender: (event) => <AuditDetails event={event} />,
        }}
        empty={
          isFiltered ? (
            <Empty action={showAll}>{t("audit.noneFiltered")}</Empty>
          ) : (
            <Empty>{t("audit.none")}</Empty>
          )
        }
      />
    </Flex>
  );
}

/** What the API is asked for: days begin and end where the reader is. */
function queryOf({ since, until, ...rest }: AuditSearch) {
  return { ...rest, ...withoutEmpty({ since: beginOf(since), until: endOf(until) }) };
}

function useColumns(): TableColumns<AuditEvent> {
  const { t } = useTranslation("ui");
  const { t: tProjects } = useTranslation("projects");
  const nameOf = useActionName();
  return [
    { title: t("time"), width: 190, render: (_, { at }) => <Timestamp at={at} /> },
    {
      title: t("actor"),
      render: (_, { actor, actor_kind: kind, actor_token: token }) => (
        <Actor name={actor} kind={kind} token={token} />
      ),
    },
    {
      title: tProjects("audit.action"),
      render: (_, { action }) => <span title={action}>{nameOf(action)}</span>,
    },
    {
      title: tProjects("audit.object"),
      render: (_, { object_kind: kind, object_name: name }) => (
        <span title={kind}>
          <Typography.Text ellipsis style={{ maxWidth: 420 }}>
            {name}
          </Typography.Text>
        </span>
      ),
    },
  ];
}
