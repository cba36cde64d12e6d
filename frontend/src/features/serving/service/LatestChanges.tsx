import { Link } from "@tanstack/react-router";
import { Card, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Actor } from "@/ui/Actor";
import { useActionName } from "@/ui/auditWords";
import { EmptyLine } from "@/ui/Empty";
import { QueryView } from "@/ui/QueryView";
import { Timestamp } from "@/ui/Time";
import type { ServiceProps } from "../types";

const LATEST = 10;

/** What people changed of a service, beside what Kubernetes said; rollouts have a tab of their own. */
export function LatestChanges({ service: { id }, path: { project } }: ServiceProps) {
  const { t } = useTranslation("serving");
  const nameOf = useActionName();
  const object = { object_kind: "service", object_id: String(id) };
  const events = api.useQuery("get", "/api/v1/audit-events", {
    params: { query: { project, ...object, limit: LATEST } },
  });
  return (
    <Card
      size="small"
      title={t("latestChanges")}
      extra={
        <Link to="/projects/$project/audit" params={{ project }} search={object}>
          {t("allChanges")}
        </Link>
      }
    >
      <QueryView query={events}>
        {({ results }) =>
          results.length === 0 ? (
            <EmptyLine>{t("noChanges")}</EmptyLine>
          ) : (
            <ul className="slipway-plain-list">
              {results.map(({ id: key, at, action, ...by }) => (
                <li key={key} style={{ paddingBlock: 2 }}>
                  <Typography.Text type="secondary">
                    <Timestamp at={at} />
                  </Typography.Text>{" "}
                  {nameOf(action)} ·{" "}
                  <Actor name={by.actor} kind={by.actor_kind} token={by.actor_token} />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}
