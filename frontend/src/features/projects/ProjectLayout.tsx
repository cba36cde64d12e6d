import { getRouteApi, Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Page } from "@/ui/Page";
import { QueryView } from "@/ui/QueryView";

const route = getRouteApi("/app/projects/$project");
const TABS = [
  "summary",
  "services",
  "rollouts",
  "models",
  "environments",
  "access",
  "audit",
] as const;

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
          path={[
            <Link key="projects" to="/projects">
              {t("title")}
            </Link>,
          ]}
        >
          <Tabs
            activeKey={tab}
            items={TABS.map((key) => ({
              key,
              label: (
                <Link
                  to={key === "summary" ? "/projects/$project" : `/projects/$project/${key}`}
                  params={{ project: name }}
                >
                  {t(`tabs.${key}`)}
                </Link>
              ),
            }))}
          />
          <Outlet />
        </Page>
      )}
    </QueryView>
  );
}
