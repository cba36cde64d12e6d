import { Link } from "@tanstack/react-router";
import { Card, Steps } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

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

interface Props {
  project: Schemas["ProjectOverviewDetail"];
  isDone: Record<(typeof STEPS)[number], boolean>;
}

/** The steps to a first service: those done, the next one, and who can take it. */
export default function NextSteps({ project, isDone }: Props) {
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
