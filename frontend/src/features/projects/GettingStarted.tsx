import { Link } from "@tanstack/react-router";
import { Card, Steps } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";

type Project = Schemas["ProjectOverviewDetail"];

const STEPS = ["environment", "model", "service"] as const;
const PAGES = {
  environment: "/projects/$project/environments",
  model: "/projects/$project/models",
  service: "/projects/$project/roll-out",
} as const;
const PERMISSIONS = {
  environment: "environment.write",
  model: "model.write",
  service: "service.write",
} as const;

/** What a project needs before something can run in it; gone once it has a service. */
export function GettingStarted({ project }: { project: Project }) {
  const { name, environments, services_by_health: counts } = project;
  const hasService = Object.values(counts).some((count) => count > 0);
  const models = api.useQuery(
    "get",
    "/api/v1/projects/{project}/models",
    { params: { path: { project: name }, query: { limit: 1 } } },
    { enabled: !hasService },
  );
  if (hasService || !models.data) return null;
  const isDone = {
    environment: environments.length > 0,
    model: models.data.results.length > 0,
    service: false,
  };
  return <NextSteps project={project} isDone={isDone} />;
}

interface Props {
  project: Project;
  isDone: Record<(typeof STEPS)[number], boolean>;
}

function NextSteps({ project, isDone }: Props) {
  const { t } = useTranslation("projects");
  const next = STEPS.findIndex((step) => !isDone[step]);
  return (
    <Card size="small">
      <Steps
        size="small"
        current={next}
        items={STEPS.map((step, index) => {
          const may = project.permissions.includes(PERMISSIONS[step]);
          const title = t(`steps.${step}.title`);
          return {
            status: isDone[step] ? "finish" : index === next ? "process" : "wait",
            title:
              index === next && may ? (
                <Link to={PAGES[step]} params={{ project: project.name }}>
                  {title}
                </Link>
              ) : (
                title
              ),
            content: may ? t(`steps.${step}.hint`) : t(`steps.${step}.whoCan`),
          };
        })}
      />
    </Card>
  );
}
