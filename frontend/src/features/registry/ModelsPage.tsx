import { getRouteApi, Link } from "@tanstack/react-router";
import { Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { useMay } from "@/api/permissions";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { Labels } from "@/ui/Labels";
import { byCursor, List } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { SearchBox } from "@/ui/SearchBox";
import type { TableColumns } from "@/ui/Table";
import { Age } from "@/ui/Time";

const RegisterModel = lazyDialog(() => import("./RegisterModel"), "RegisterModel");

const route = getRouteApi("/app/projects/$project/models");

/** A project's models. */
export function ModelsPage() {
  const { t } = useTranslation(["registry", "ui"]);
  const { project } = route.useParams();
  const { search, ordering } = route.useSearch();
  const navigate = route.useNavigate();
  const mayRegister = useMay(project)("model.write");
  const [isRegistering, setRegistering] = useState(false);
  const models = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/models",
    { params: { path: { project }, query: withoutEmpty({ search, ordering }) } },
    byCursor,
  );
  const register = (
    <ActionButton
      type="primary"
      whyNot={mayRegister === false ? t("needsDeployer") : undefined}
      disabled={mayRegister === undefined}
      onClick={() => setRegistering(true)}
    >
      {t("registerModel")}
    </ActionButton>
  );
  const isEmpty = !search && models.data?.pages[0]?.results.length === 0;
  return (
    <Flex vertical gap={12}>
      {!isEmpty && (
        <Flex justify="space-between" gap={8} wrap>
          <SearchBox
            label={t("ui:search")}
            value={search ?? ""}
            onSearch={(text) =>
              void navigate({
                search: withoutEmpty({ search: text, ordering }),
                replace: true,
                resetScroll: false,
              })
            }
          />
          {register}
        </Flex>
      )}
      <List<Schemas["RegisteredModel"]>
        query={models}
        rowKey="name"
        columns={useColumns(project)}
        ordering={ordering}
        onOrder={(by) =>
          void navigate({ search: withoutEmpty({ search, ordering: by }), resetScroll: false })
        }
        empty={
          search ? (
            <Empty>{t("noModelsFound", { search })}</Empty>
          ) : (
            <Empty action={register}>{t("noModels")}</Empty>
          )
        }
      />
      {isRegistering && <RegisterModel project={project} onClose={() => setRegistering(false)} />}
    </Flex>
  );
}

function useColumns(project: string): TableColumns<Schemas["RegisteredModel"]> {
  const { t } = useTranslation(["registry", "ui"]);
  return [
    {
      title: t("ui:model"),
      sortBy: "name",
      render: (_, { name }) => (
        <Link to="/projects/$project/models/$model" params={{ project, model: name }}>
          {name}
        </Link>
      ),
    },
    {
      title: t("description"),
      render: (_, { description }) => (
        <Typography.Text
          type="secondary"
          ellipsis={{ tooltip: description }}
          style={{ maxWidth: 360 }}
        >
          {description}
        </Typography.Text>
      ),
    },
    {
      title: t("newestVersion"),
      render: (_, { latest_version: newest }) =>
        newest ? (
          <code>{newest}</code>
        ) : (
          <Typography.Text type="secondary">{t("noVersionYet")}</Typography.Text>
        ),
    },
    {
      title: t("versions"),
      sortBy: "-versions_total",
      align: "right",
      render: (_, { versions_total: total }) => total,
    },
    { title: t("labels"), render: (_, { labels }) => <Labels labels={labels ?? {}} /> },
    {
      title: t("ui:createdAt"),
      sortBy: "-created_at",
      render: (_, { created_at: at }) => <Age at={at} />,
    },
  ];
}
