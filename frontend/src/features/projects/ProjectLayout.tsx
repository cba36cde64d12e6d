import { getRouteApi, Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { useMe } from "@/api/me";
import { Page } from "@/ui/Page";
import { PageTab, PageTabs } from "@/ui/PageTabs";
import { QueryView } from "@/ui/QueryView";
import { GettingStarted } from "./GettingStarted";
import { PhaseOfEnvironment } from "./PhaseOfEnvironment";
import { ProjectActions } from "./ProjectActions";
import { PROJECT_TABS, type ProjectTab } from "./tabs";

const route = getRouteApi("/app/projects/$project");

function addressOf(tab: ProjectTab) {
  return tab === "summary" ? "/projects/$project" : (`/projects/$project/${tab}` as const);
}

/** One project: its name, and a tab for each thing that belongs to it. Every tab has its address. */
export function ProjectLayout() {
  const { t } = useTranslation("projects");
  const { project: name } = route.useParams();
  const project = api.useQuery("get", "/api/v1/projects/{project}", {
    params: { path: { project: name } },
  });
  const tab = useRouterState({
    select: (state) => state.location.pathname.split("/")[3] || "summary",
  });
  return (
    <QueryView query={project}>
      {(found) => (
        <Page
          title={found.display_name || found.name}
          part={PROJECT_TABS.find((one) => one === tab) && t(`tabs.${tab as ProjectTab}`)}
          tags={
            <>
              <Typography.Text code copyable title={t("nameForCI")}>
                {found.name}
              </Typography.Text>
              <RoleTag role={found.role} />
              {found.deletion_requested_at && <PhaseOfEnvironment phase="Terminating" />}
            </>
          }
          actions={<ProjectActions project={found} />}
          path={[
            <Link key="projects" to="/projects">
              {t("title")}
            </Link>,
          ]}
        >
          {found.description && (
            <Typography.Paragraph
              type="secondary"
              style={{ margin: 0, maxWidth: 900 }}
              ellipsis={{ rows: 2, expandable: true, symbol: t("moreText") }}
            >
              {found.description}
            </Typography.Paragraph>
          )}
          <GettingStarted project={found} />
          <PageTabs label={t("parts")}>
            {PROJECT_TABS.map((key) => (
              <PageTab
                key={key}
                to={addressOf(key)}
                params={{ project: name }}
                isShown={key === tab}
              >
                {t(`tabs.${key}`)}
              </PageTab>
            ))}
          </PageTabs>
          <Outlet />
        </Page>
      )}
    </QueryView>
  );
}

/** What the reader may do here: the role in this project, or the platform's own. */
function RoleTag({ role }: { role: Schemas["Role"] | null | undefined }) {
  const { t } = useTranslation("projects");
  const { t: tUi } = useTranslation();
  const me = useMe();
  if (me.is_platform_admin) return <Tag color="blue">{t("platformAdmin")}</Tag>;
  if (!role) return null;
  return <Tag>{t("yourRole", { role: tUi(`roles.${role}`) })}</Tag>;
}
