import { Card, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { Chart } from "@/ui/Chart";
import { ProblemView } from "@/ui/ProblemView";
import { ResourceName, useAmount, useResourceName } from "@/ui/Resource";
import type { ServicePath } from "../types";
import { courseOf } from "./course";

const HEIGHT = 72;

/** The usage of a service over the last hour. */
export function useUsage(path: ServicePath) {
  return api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/usage",
    { params: { path, query: { window: "1h" } } },
  );
}

/** What the service used against what it requested, over the last hour; gaps are gaps. */
export function UsageCourses({ path }: { path: ServicePath }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { data, error, isError } = useUsage(path);
  return (
    <Card size="small" title={t("running.usage")} extra={<Legend />}>
      {isError && <ProblemView error={error} />}
      {data?.resources.length === 0 && (
        <Typography.Text type="secondary">{t("running.noUsage")}</Typography.Text>
      )}
      <div className="slipway-courses">
        {data?.resources.map((course) => (
          <Course key={course.resource} course={course} usage={data} />
        ))}
      </div>
    </Card>
  );
}

/** Which line is which. */
function Legend() {
  const { t } = useTranslation();
  return (
    <Flex gap={12} style={{ fontSize: 12 }}>
      {(["used", "requested"] as const).map((name) => (
        <span key={name}>
          <span aria-hidden className={`slipway-quota-swatch slipway-quota-${name}`} />
          {t(name)}
        </span>
      ))}
    </Flex>
  );
}

interface CourseProps {
  course: Schemas["Course"];
  usage: Schemas["ServiceUsage"];
}

function Course({ course, usage }: CourseProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const write = useAmount();
  const resource = useResourceName()(course.resource);
  const line = (name: "requested" | "used") => courseOf(course, name, usage.step_seconds);
  return (
    <section aria-label={resource} style={{ minWidth: 0 }}>
      <Typography.Text type="secondary">
        <ResourceName resource={course.resource} />
      </Typography.Text>
      <Chart
        label={t("running.courseOf", { resource })}
        height={HEIGHT}
        from={Date.parse(usage.since)}
        to={Date.parse(usage.until)}
        format={(value) => write(course.resource, value)}
        isBinary={course.unit === "bytes"}
        series={[
          { name: t("ui:used"), color: "--slipway-used", isFilled: true, points: line("used") },
          { name: t("ui:requested"), color: "--slipway-requested", points: line("requested") },
        ]}
      />
    </section>
  );
}
