import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { type Filter, Filters } from "@/ui/Filters";
import { byCursor, List } from "@/ui/List";
import { HEALTH_LOOK, type Health } from "@/ui/Status";
import type { ListedService } from "../types";
import { useMayNot } from "../whyNot";
import { useServiceColumns } from "./serviceColumns";

const route = getRouteApi("/app/projects/$project/services");
const HEALTHS = Object.keys(HEALTH_LOOK) as Health[];

/** The services of a project, in all its environments. */
export function ServicesPage() {
  const { t } = useTranslation(["serving", "ui"]);
  const { project } = route.useParams();
  const search = route.useSearch();
  const { environment, health, ordering, search: part } = search;
  const navigate = route.useNavigate();
  const services = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/services",
    {
      params: {
        path: { project },
        query: {
          ...withoutEmpty({ environment, ordering, search: part }),
          // What is none is refused by the API, in a sentence that says so.
          ...(health && { health: health as Health }),
        },
      },
    },
    byCursor,
  );
  const columns = useServiceColumns();
  const filters: Filter<"search" | "environment" | "health">[] = [
    { name: "search", label: t("ui:search") },
    { name: "environment", label: t("anyEnvironment"), options: useEnvironments(project) },
    {
      name: "health",
      label: t("anyHealth"),
      options: HEALTHS.map((value) => ({ value, label: t(`ui:healths.${value}`) })),
    },
  ];
  const isFiltered = environment !== undefined || health !== undefined || part !== undefined;
  return (
    <Flex vertical gap={12}>
      <Filters
        filters={filters}
        search={search}
        onChange={(to) => void navigate({ search: to, replace: true, resetScroll: false })}
      >
        <span style={{ marginInlineStart: "auto" }}>
          <NewService project={project} environment={environment} />
        </span>
      </Filters>
      <List<ListedService>
        query={services}
        rowKey="id"
        columns={columns}
        // Reasons and amounts take two lines before a column is out of sight.
        scroll={{ x: 1100 }}
        ordering={ordering}
        onOrder={(by) =>
          void navigate({ search: withoutEmpty({ ...search, ordering: by }), resetScroll: false })
        }
        empty={
          isFiltered ? (
            <Empty
              action={<Button onClick={() => void navigate({ search: {} })}>{t("showAll")}</Button>}
            >
              {t("noneFiltered")}
            </Empty>
          ) : (
            <Empty action={<NewService project={project} environment={environment} />}>
              {t("noServices")}
            </Empty>
          )
        }
      />
    </Flex>
  );
}

interface NewServiceProps {
  project: string;
  environment: string | undefined;
}

function NewService({ project, environment }: NewServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const navigate = route.useNavigate();
  return (
    <ActionButton
      type="primary"
      whyNot={useMayNot(project, "service.write")}
      onClick={() =>
        void navigate({
          to: "/projects/$project/roll-out",
          params: { project },
          search: { create: "yes", ...(environment && { environment }) },
        })
      }
    >
      {t("newService")}
    </ActionButton>
  );
}

function useEnvironments(project: string): { value: string; label: string }[] {
  const environments = api.useQuery("get", "/api/v1/projects/{project}/environments", {
    params: { path: { project }, query: { limit: 200 } },
  });
  return environments.data?.results.map(({ name }) => ({ value: name, label: name })) ?? [];
}
