import { getRouteApi, Link } from "@tanstack/react-router";
import { Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { useMe } from "@/api/me";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { Page } from "@/ui/Page";
import { SearchBox } from "@/ui/SearchBox";
import type { TableColumns } from "@/ui/Table";
import { Age } from "@/ui/Time";
import { EnvironmentNames } from "./EnvironmentNames";
import { HealthCounts } from "./HealthCounts";
import { QuotaBars } from "./QuotaBars";

const CreateProjectDialog = lazyDialog(
  () => import("./CreateProjectDialog"),
  "CreateProjectDialog",
);

const route = getRouteApi("/app/projects");
type Project = Schemas["ProjectOverview"];

/** All projects that the reader may see: how full, how well, and what changed last. */
export function ProjectsPage() {
  const { t } = useTranslation("projects");
  const { search, ordering } = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe();
  const [isCreating, setCreating] = useState(false);
  const projects = api.useInfiniteQuery(
    "get",
    "/api/v1/projects",
    { params: { query: withoutEmpty({ search, ordering }) } },
    byCursor,
  );
  const create = (
    <ActionButton
      type="primary"
      onClick={() => setCreating(true)}
      whyNot={me.is_platform_admin ? undefined : t("createWhyNot")}
    >
      {t("create")}
    </ActionButton>
  );
  const empty = search ? (
    <Empty action={<Link to="/projects">{t("clearSearch")}</Link>}>
      {t("nothingFound", { search })}
    </Empty>
  ) : (
    <Empty action={me.is_platform_admin && create}>
      {me.is_platform_admin ? t("empty") : t("emptyForYou")}
    </Empty>
  );
  return (
    <Page title={t("title")} actions={create}>
      <SearchBox
        label={t("search")}
        value={search ?? ""}
        onSearch={(text) =>
          void navigate({
            search: withoutEmpty({ search: text, ordering }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      <List<Project>
        query={projects}
        rowKey="name"
        columns={useColumns()}
        ordering={ordering}
        onOrder={(by) =>
          void navigate({ search: withoutEmpty({ search, ordering: by }), resetScroll: false })
        }
        empty={empty}
      />
      {isCreating && <CreateProjectDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function useColumns(): TableColumns<Project> {
  const { t } = useTranslation("projects");
  return [
    {
      title: t("project"),
      sortBy: "name",
      width: 190,
      render: (_, { name, display_name: title, description }) => (
        <Flex vertical>
          <Link to="/projects/$project" params={{ project: name }} title={description}>
            <strong>{title || name}</strong>
          </Link>
          {title && <Typography.Text type="secondary">{name}</Typography.Text>}
        </Flex>
      ),
    },
    {
      title: t("environments"),
      width: 150,
      render: (_, project) => <EnvironmentNames environments={project.environments} />,
    },
    {
      title: t("quota"),
      width: 520,
      render: (_, project) => <QuotaBars project={project} />,
    },
    {
      title: t("services"),
      width: 226,
      render: (_, project) => (
        <HealthCounts project={project.name} counts={project.services_by_health} />
      ),
    },
    {
      title: t("lastChange"),
      width: 130,
      render: (_, { last_change_at: at }) => (at ? <Age at={at} /> : t("noChange")),
    },
  ];
}
