import { getRouteApi, Link } from "@tanstack/react-router";
import { Alert, Card, Col, Row, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Page } from "@/ui/Page";
import { QueryView } from "@/ui/QueryView";
import { useReason } from "@/ui/Reason";
import { PhaseTag } from "@/ui/Status";
import type { RolloutDetail } from "../types";
import { KeptLines } from "./KeptLines";
import { RolloutClock } from "./RolloutClock";
import { RolloutFigures } from "./RolloutFigures";
import { RolloutPods } from "./RolloutPods";
import { RolloutStepper } from "./RolloutStepper";
import { RolloutSteps } from "./RolloutSteps";
import { RolloutTimeline } from "./RolloutTimeline";
import { RolloutVerbs } from "./RolloutVerbs";
import { VersionChange } from "./VersionChange";

const route = getRouteApi("/app/rollouts/$rollout");

/** One rollout while it runs, and what became of it. */
export function RolloutPage() {
  const { rollout: id } = route.useParams();
  const rollout = api.useQuery("get", "/api/v1/rollouts/{rollout}", {
    params: { path: { rollout: id } },
  });
  return <QueryView query={rollout}>{(found) => <Shown rollout={found} />}</QueryView>;
}

function Shown({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { project, environment, service } = rollout;
  return (
    <Page
      where={`${project}/${environment}`}
      title={t("rolloutTitle", { kind: t(`ui:kinds.${rollout.kind}`), service })}
      tags={
        <>
          <PhaseTag phase={rollout.phase} />
          <span>
            {rollout.kind !== "scale" && t("ui:version")} <VersionChange rollout={rollout} />
          </span>
        </>
      }
      path={[
        <Link key="project" to="/projects/$project/rollouts" params={{ project }}>
          {project}
        </Link>,
        environment,
        <ServiceLink key="service" rollout={rollout}>
          {service}
        </ServiceLink>,
      ]}
      actions={<RolloutVerbs rollout={rollout} />}
    >
      <Explanation rollout={rollout} />
      <Card size="small">
        <RolloutStepper rollout={rollout} />
      </Card>
      <RolloutSteps rollout={rollout} />
      {rollout.last_lines && <KeptLines kept={rollout.last_lines} />}
      <RolloutFigures rollout={rollout} />
      <RolloutPods rollout={rollout} />
      <Row gutter={[16, 16]}>
        <Col xs={24} xl={14}>
          <Card size="small" title={t("timeline")} styles={{ body: { padding: 0 } }}>
            <RolloutTimeline timeline={rollout.timeline} />
          </Card>
        </Col>
        <Col xs={24} xl={10}>
          <Card size="small" title={t("clock.title")}>
            <RolloutClock clock={rollout.clock} />
          </Card>
        </Col>
      </Row>
    </Page>
  );
}

interface ServiceLinkProps {
  rollout: RolloutDetail;
  children: ReactNode;
}

function ServiceLink({ rollout, children }: ServiceLinkProps) {
  const { project, environment, service } = rollout;
  return (
    <Link
      to="/projects/$project/environments/$environment/services/$service"
      params={{ project, environment, service }}
    >
      {children}
    </Link>
  );
}

const TONE = {
  Pending: "info",
  Progressing: "info",
  Paused: "warning",
  RollingBack: "warning",
  Succeeded: "success",
  Failed: "error",
  Aborted: "warning",
} as const;

/** Why it is where it is, in a sentence; and what came of it. */
function Explanation({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const reason = useReason(rollout.reason ?? "");
  const outcome =
    rollout.rolled_back && rollout.from_version
      ? t("outcome.returned", { version: rollout.from_version, revision: rollout.from_revision })
      : rollout.phase === "Failed"
        ? t("outcome.notReturned")
        : "";
  return (
    <Alert
      type={TONE[rollout.phase]}
      showIcon
      title={reason || t(`ui:phases.${rollout.phase}`)}
      description={
        <>
          <div style={{ overflowWrap: "anywhere" }}>{rollout.explanation || rollout.message}</div>
          {/* What is left of a service, and who keeps it. */}
          {rollout.reason === "WaitingForDeletion" && (
            <div style={{ overflowWrap: "anywhere" }}>{rollout.message}</div>
          )}
          {outcome && <div>{outcome}</div>}
          {rollout.phase === "Failed" && (
            <ServiceLink rollout={rollout}>
              {t("outcome.toDo", { service: rollout.service })}
            </ServiceLink>
          )}
          {rollout.note && (
            <Typography.Text type="secondary">{t("note", { note: rollout.note })}</Typography.Text>
          )}
        </>
      }
    />
  );
}
