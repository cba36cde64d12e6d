import { Link } from "@tanstack/react-router";
import { Alert, Card, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ReasonText } from "@/ui/Reason";
import { Age } from "@/ui/Time";
import { isSaidOfDrift } from "../drift/DriftNotice";
import { Quoted } from "../Quoted";
import type { Cause, Service, ServicePath } from "../types";
import { LastLines } from "./LastLines";

interface Props {
  service: Service;
  path: ServicePath;
}

/** Why a service is not healthy, down to the scheduler's message or the container's exit. */
export function ReasonChain({ service, path }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  if (service.health === "Healthy" || service.stale) return null;
  if (service.health === "Stopped" || !service.causes?.length)
    return <JustSaid service={service} />;
  return (
    <Card size="small" title={t("whyTitle")}>
      <Flex vertical gap={12}>
        <ol className="slipway-plain-list" aria-label={t("whyTitle")}>
          {service.causes.map((cause, depth, causes) => (
            <Step
              key={`${cause.kind}/${cause.name}/${cause.reason}`}
              cause={cause}
              depth={depth}
              isSaid={causes.slice(0, depth).some(({ message }) => message.includes(cause.message))}
            />
          ))}
        </ol>
        {service.log_hint && (
          <>
            <LastLines path={path} hint={service.log_hint} />
            <Link
              to="/projects/$project/environments/$environment/services/$service"
              params={path}
              search={{
                tab: "logs",
                pod: service.log_hint.pod,
                container: service.log_hint.container,
              }}
            >
              {t("allLogs")}
            </Link>
          </>
        )}
      </Flex>
    </Card>
  );
}

/** A service that only has its own sentence. */
function JustSaid({ service }: { service: Service }) {
  // The rollout under way, and the notice of what differs, say the same and more of it.
  if (service.rollout || !service.reason || isSaidOfDrift(service)) return null;
  const type = service.health === "Degraded" ? "error" : "info";
  return (
    <Alert
      type={service.health === "Unknown" ? "warning" : type}
      showIcon
      title={<ReasonText reason={service.reason} />}
      description={service.message}
    />
  );
}

/** What a cause is about; a rollout has a page of its own. */
function CauseName({ cause: { kind, name } }: { cause: Cause }) {
  if (!name) return null;
  if (kind !== "Rollout") return <Typography.Text code>{name}</Typography.Text>;
  return (
    <Link to="/rollouts/$rollout" params={{ rollout: name }}>
      {name.slice(0, 8)}
    </Link>
  );
}

interface StepProps {
  cause: Cause;
  depth: number;
  /** Whether a cause above has said the same, as a rollout does with what its pod waits for. */
  isSaid: boolean;
}

function Step({ cause, depth, isSaid }: StepProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const facts = [
    cause.exit_code === null ? "" : t("exitCode", { code: cause.exit_code }),
    cause.restarts ? t("restarted", { count: cause.restarts }) : "",
  ].filter(Boolean);
  return (
    <li style={{ paddingInlineStart: depth * 20, paddingBlock: 2 }}>
      <Flex gap={8} wrap align="baseline">
        {depth > 0 && <span aria-hidden>└</span>}
        <Typography.Text type="secondary">{cause.kind}</Typography.Text>
        <CauseName cause={cause} />
        <strong>
          <ReasonText reason={cause.reason} />
        </strong>
        {facts.map((fact) => (
          <Typography.Text key={fact} type="danger">
            {fact}
          </Typography.Text>
        ))}
        {cause.at && (
          <Typography.Text type="secondary">
            <Age at={cause.at} />
          </Typography.Text>
        )}
      </Flex>
      {cause.message && !isSaid && <Quoted>{cause.message}</Quoted>}
    </li>
  );
}
