import { lazy, Suspense } from "react";
import { api, type Schemas } from "@/api/client";

type Project = Schemas["ProjectOverviewDetail"];

// Most projects are past these steps.
const NextSteps = lazy(() => import("./NextSteps"));

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
  return (
    <Suspense>
      <NextSteps project={project} isDone={isDone} />
    </Suspense>
  );
}
