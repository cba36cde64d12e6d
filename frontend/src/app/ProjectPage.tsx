import { getRouteApi, Link } from "@tanstack/react-router";
import { Flex } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { NewestRollouts } from "@/features/serving/rollout/NewestRollouts";
import { SummaryPage } from "@/features/usage/SummaryPage";
import { QueryView } from "@/ui/QueryView";
import { Section } from "@/ui/Section";

const route = getRouteApi("/app/projects/$project/");
const SHOWN = 8;

/** A project's resources, and what changed in it lately. */
export function ProjectPage() {
  const { t } = useTranslation("shell");
  const { project } = route.useParams();
  const query = { project, limit: SHOWN };
  const rollouts = api.useQuery("get", "/api/v1/rollouts", { params: { query } });
  return (
    <Flex vertical gap={24}>
      <SummaryPage key={project} />
      <Section
        title={t("changes")}
        action={
          <Link to="/projects/$project/rollouts" params={{ project }}>
            {t("rollouts")}
          </Link>
        }
      >
        <QueryView query={rollouts}>
          {({ results }) => <NewestRollouts rollouts={results} isOfOneProject />}
        </QueryView>
      </Section>
    </Flex>
  );
}
