import { getRouteApi } from "@tanstack/react-router";
import { Flex, Segmented, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { QueryView } from "@/ui/QueryView";
import { Section } from "@/ui/Section";
import { DeliveryCourse } from "./DeliveryCourse";
import { useShare, written } from "./measures";
import { ServiceDeliveries } from "./ServiceDeliveries";
import { Stretches } from "./Stretches";
import "./delivery.css";

const route = getRouteApi("/app/projects/$project/delivery");
const WINDOWS = ["7d", "30d", "90d"] as const;
/** So many services are told of, those with the most deployments. */
const MOST_SERVICES = 200;

/** How quickly and how safely a project's versions come online. */
export function DeliveryPage() {
  const { t } = useTranslation("serving");
  const { project } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const window = WINDOWS.find((one) => one === search.window) ?? "30d";
  const query = { window, limit: MOST_SERVICES };
  const delivery = api.useQuery("get", "/api/v1/projects/{project}/delivery", {
    params: { path: { project }, query },
  });
  return (
    <Flex vertical gap={24}>
      <div>
        <Segmented
          aria-label={t("delivery.window")}
          value={window}
          options={WINDOWS.map((value) => ({ value, label: t(`delivery.windows.${value}`) }))}
          onChange={(value) =>
            void navigate({ search: { window: value }, replace: true, resetScroll: false })
          }
        />
      </div>
      <QueryView query={delivery}>
        {(found) =>
          found.services_total === 0 ? (
            <Empty>{t("delivery.none")}</Empty>
          ) : (
            <Flex vertical gap={24}>
              <Headline delivery={found} />
              <Section title={t("delivery.course")}>
                <DeliveryCourse course={found.course} stepSeconds={found.step_seconds} />
              </Section>
              <Section title={t("delivery.stretches")} hint={t("delivery.stretchesHint")}>
                <Stretches stretches={found.stretches} />
              </Section>
              <Section
                title={t("delivery.services")}
                hint={
                  found.next
                    ? t("delivery.mostServices", {
                        count: found.services.length,
                        total: found.services_total,
                      })
                    : undefined
                }
              >
                <ServiceDeliveries project={project} services={found.services} />
              </Section>
            </Flex>
          )
        }
      </QueryView>
    </Flex>
  );
}

/** The four numbers by which delivery is compared, each with what it is made of. */
function Headline({ delivery }: { delivery: Schemas["Delivery"] }) {
  const { t, i18n } = useTranslation(["serving", "ui"]);
  const share = useShare();
  const { deployments, recovery } = delivery;
  const total = delivery.stretches.find(({ until }) => until === "total");
  const perDay = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  const figures = [
    {
      name: t("delivery.perDay"),
      value: perDay.format(delivery.per_day),
      beside: t("delivery.succeededInAll", { count: deployments.succeeded }),
    },
    {
      name: t("delivery.failed"),
      value: share(deployments.failed_ratio),
      beside: t("delivery.failedOf", {
        failed: deployments.failed,
        judged: deployments.failed + deployments.succeeded,
      }),
    },
    {
      name: t("delivery.online"),
      value: written(total?.median_seconds, t("ui:unknown")),
      beside: t("delivery.p90", { time: written(total?.p90_seconds, t("ui:unknown")) }),
    },
    {
      name: t("delivery.recover"),
      value: written(recovery.median_seconds, recovery.unrecovered ? t("ui:unknown") : "–"),
      beside: recovery.unrecovered
        ? t("delivery.unrecovered", { count: recovery.unrecovered })
        : t("delivery.recovered", { count: recovery.count }),
    },
  ];
  return (
    <dl className="slipway-headline">
      {figures.map(({ name, value, beside }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{value}</strong>
            <Typography.Text type="secondary">{beside}</Typography.Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}
