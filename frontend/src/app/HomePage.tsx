import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { AttentionList } from "@/features/attention/AttentionList";
import { CardsByModel } from "@/features/fleet/CardsByModel";
import { ProjectsInShort } from "@/features/projects/ProjectsInShort";
import { NewestRollouts } from "@/features/serving/rollout/NewestRollouts";
import { isUnanswered } from "@/lib/unanswered";
import { Page } from "@/ui/Page";
import { QueryView } from "@/ui/QueryView";
import { Section } from "@/ui/Section";
import "./home.css";

const SHOWN = 8;

/** The first page: what needs the reader now, what changed last, and what there is room for. */
export function HomePage() {
  const { t } = useTranslation("shell");
  const me = useMe();
  const attention = api.useQuery("get", "/api/v1/attention", {});
  const query = { limit: SHOWN };
  const rollouts = api.useQuery("get", "/api/v1/rollouts", { params: { query } });
  const projects = api.useQuery("get", "/api/v1/projects", { params: { query } });
  const fleet = api.useQuery("get", "/api/v1/fleet/summary", {});
  // What comes later would push the rest down.
  const isAwaited = [attention, rollouts, projects, fleet].some(isUnanswered);
  const own = (
    <Section
      key="own"
      title={t("yourProjects")}
      action={<Link to="/projects">{t("allProjects")}</Link>}
    >
      <QueryView query={projects}>
        {({ results }) => <ProjectsInShort projects={results} />}
      </QueryView>
    </Section>
  );
  const capacity = (
    <Section key="capacity" title={t("capacity")} action={<Link to="/fleet">{t("fleet")}</Link>}>
      <QueryView query={fleet}>{({ gpus }) => <CardsByModel gpus={gpus} search={{}} />}</QueryView>
    </Section>
  );
  return (
    <Page title={t("home")} isAwaited={isAwaited}>
      <div className="slipway-home">
        <Section title={t("attention")}>
          <QueryView query={attention}>
            {({ results }) => <AttentionList kinds={results} />}
          </QueryView>
        </Section>
        {/* Whoever runs the platform looks at its cards first, everybody else at what is theirs. */}
        <div className="slipway-home-side">
          {me.is_platform_admin ? [capacity, own] : [own, capacity]}
        </div>
        <div className="slipway-home-wide">
          <Section title={t("changes")} action={<Link to="/rollouts">{t("rollouts")}</Link>}>
            <QueryView query={rollouts}>
              {({ results }) => <NewestRollouts rollouts={results} />}
            </QueryView>
          </Section>
        </div>
      </div>
    </Page>
  );
}
