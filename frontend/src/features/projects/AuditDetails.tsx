import { Link } from "@tanstack/react-router";
import { Descriptions, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Actor } from "@/ui/Actor";
import { Table, type TableColumns } from "@/ui/Table";
import { exactTime } from "@/ui/Time";
import { changesOf, type FieldChange } from "./auditChanges";
import { type AuditEvent, pageOf } from "./auditObjects";

/** One change: of what, in which request, and what was before and after. */
export function AuditDetails({ event }: { event: AuditEvent }) {
  const { t } = useTranslation(["projects", "ui"]);
  const page = pageOf(event);
  return (
    <Flex vertical gap={12}>
      <Descriptions
        size="small"
        column={{ xs: 1, lg: 3 }}
        items={[
          {
            key: "object",
            label: t("audit.object"),
            children: (
              <span>
                {page ? <Link {...page}>{event.object_name}</Link> : event.object_name}
                <OfThis event={event} />
              </span>
            ),
          },
          {
            key: "actor",
            label: t("audit.actor"),
            children: (
              <>
                <Actor name={event.actor} kind={event.actor_kind} token={event.actor_token} />
                {event.token_prefix && <code> {event.token_prefix}…</code>}
              </>
            ),
          },
          { key: "at", label: t("ui:time"), children: exactTime(event.at) },
          {
            key: "request",
            label: t("ui:requestId"),
            children: event.request_id ? (
              <Typography.Text copyable code>
                {event.request_id}
              </Typography.Text>
            ) : (
              t("audit.noRequest")
            ),
          },
          ...(event.address
            ? [{ key: "address", label: t("audit.address"), children: event.address }]
            : []),
          ...(event.user_agent
            ? [{ key: "program", label: t("audit.userAgent"), children: event.user_agent }]
            : []),
        ]}
      />
      <Changes event={event} />
    </Flex>
  );
}

/** The way to every change of the same object. */
function OfThis({ event: { project, object_kind, object_id } }: { event: AuditEvent }) {
  const { t } = useTranslation("projects");
  if (!project || !object_id) return null;
  return (
    <>
      {" · "}
      <Link to="/projects/$project/audit" params={{ project }} search={{ object_kind, object_id }}>
        {t("audit.ofThis")}
      </Link>
    </>
  );
}

function Changes({ event: { before, after } }: { event: AuditEvent }) {
  const { t } = useTranslation("projects");
  const rows = changesOf(before, after);
  if (rows.length === 0)
    return <Typography.Text type="secondary">{t("audit.nothing")}</Typography.Text>;
  const was: TableColumns<FieldChange> = [
    { title: t("audit.before"), render: (_, row) => <Value text={row.before} isGone /> },
  ];
  const is: TableColumns<FieldChange> = [
    { title: t("audit.after"), render: (_, row) => <Value text={row.after} /> },
  ];
  return (
    <Table<FieldChange>
      isBordered
      rowKey="field"
      data={rows}
      style={{ maxWidth: 960 }}
      columns={[
        { title: t("audit.field"), width: 260, render: (_, { field }) => <code>{field}</code> },
        ...(before === null ? [] : was),
        ...(after === null ? [] : is),
      ]}
    />
  );
}

function Value({ text, isGone = false }: { text: string | undefined; isGone?: boolean }) {
  if (text === undefined) return <Typography.Text type="secondary">–</Typography.Text>;
  return (
    <Typography.Text type={isGone ? "secondary" : undefined} style={{ wordBreak: "break-word" }}>
      {text}
    </Typography.Text>
  );
}
