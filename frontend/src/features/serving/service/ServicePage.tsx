import { getRouteApi, Link } from "@tanstack/react-router";
import { Alert, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Page } from "@/ui/Page";
import { PageTab, PageTabs } from "@/ui/PageTabs";
import { QueryView } from "@/ui/QueryView";
import { HealthTag } from "@/ui/Status";
import { Age } from "@/ui/Time";
import { DriftNotice } from "../drift/DriftNotice";
import { LogsTab } from "../logs/LogsTab";
import { RolloutUnderWay } from "../RolloutUnderWay";
import type { Service, ServiceProps } from "../types";
import { EventsTab } from "./EventsTab";
import { PodsTab } from "./PodsTab";
import { ReasonChain } from "./ReasonChain";
import { RevisionsTab } from "./RevisionsTab";
import { ServiceActions } from "./ServiceActions";
import { ServiceOverview } from "./ServiceOverview";
import { ServiceRollouts } from "./ServiceRollouts";
import { TemporaryNotice } from "./TemporaryNotice";

const route = getRouteApi("/app/projects/$project/environments/$environment/services/$service");

const TABS = {
  overview: ServiceOverview,
  pods: PodsTab,
  events: EventsTab,
  revisions: RevisionsTab,
  logs: LogsTab,
  rollouts: ServiceRollouts,
} as const;

type TabKey = keyof typeof TABS;

/** One service: how it is and why, what can be done, and everything that is known of it. */
export function ServicePage() {
  const path = route.useParams();
  const service = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}",
    { params: { path } },
  );
  return <QueryView query={service}>{(found) => <Shown service={found} path={path} />}</QueryView>;
}

function Shown({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const { tab } = route.useSearch();
  const shown: TabKey = tab && Object.hasOwn(TABS, tab) ? (tab as TabKey) : "overview";
  const Content = TABS[shown];
  return (
    <Page
      title={service.name}
      where={`${path.project}/${path.environment}`}
      part={t(`tabs.${shown}`)}
      tags={<Facts service={service} />}
      path={[
        <Link key="project" to="/projects/$project" params={path}>
          {path.project}
        </Link>,
        <Link
          key="environment"
          to="/projects/$project/services"
          params={path}
          search={{ environment: path.environment }}
        >
          {path.environment}
        </Link>,
      ]}
      actions={<ServiceActions service={service} path={path} />}
    >
      {service.stale && (
        <Alert
          type="warning"
          showIcon
          title={t("staleTitle")}
          description={
            <>
              {t("staleService")} <Age at={service.observed_at} />
            </>
          }
        />
      )}
      {service.rollout && <RolloutUnderWay rollout={service.rollout} />}
      <TemporaryNotice service={service} path={path} />
      <DriftNotice service={service} path={path} />
      <ReasonChain service={service} path={path} />
      <PageTabs label={t("parts")}>
        {(Object.keys(TABS) as TabKey[]).map((key) => (
          <PageTab
            key={key}
            to="/projects/$project/environments/$environment/services/$service"
            params={path}
            search={{ tab: key }}
            isShown={key === shown}
            resetScroll={false}
          >
            {t(`tabs.${key}`)}
          </PageTab>
        ))}
      </PageTabs>
      <Content service={service} path={path} />
    </Page>
  );
}

/** How a service is, beside its name. */
function Facts({ service }: { service: Service }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { current_version: version, current_revision: revision } = service;
  const { ready_replicas: ready, desired_replicas: desired } = service;
  return (
    <>
      <HealthTag health={service.health} />
      {version ? (
        <Typography.Text code>{t("versionIs", { version })}</Typography.Text>
      ) : (
        <Typography.Text type="secondary">{t("noVersion")}</Typography.Text>
      )}
      {revision !== null && (
        <Typography.Text type="secondary">
          {t("revisionNumber", { number: revision })}
        </Typography.Text>
      )}
      <span className="slipway-number">
        {service.stale ? t("readyUnknown", { desired }) : t("readyOf", { ready, desired })}
      </span>
    </>
  );
}
