import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { HEALTH_LOOK, type Health } from "@/ui/Status";
import type { ListedService } from "../types";
import { useMayNot } from "../whyNot";
import { useServiceColumns } from "./serviceColumns";

const route = getRouteApi("/app/projects/$project/services");
const HEALTHS = Object.keys(HEALTH_LOOK) as Health[];

interface Chosen {
  environment?: string;
  health?: string;
}

/** The services of a project, in all its environments. */
export function ServicesPage() {
  const { t } = useTranslation(["serving", "ui"]);
  const { project } = route.useParams();
  const { environment, health } = route.useSearch();
  const navigate = route.useNavigate();
  const known = HEALTHS.find((one) => one === health);
  const services = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/services",
    {
      params: {
        path: { project },
        query: { ...(environment && { environment }), ...(known && { health: known }) },
      },
    },
    byCursor,
  );
  const columns = useServiceColumns();
  const choose = (change: Chosen) =>
    void navigate({ search: withoutEmpty({ environment, health, ...change }) });
  const isFiltered = environment !== undefined || known !== undefined;
  return (
    <Flex vertical gap={12}>
      <Flex gap={8} wrap>
        <EnvironmentSelect
          project={project}
          value={environment}
          onChange={(chosen) => choose({ environment: chosen ?? "" })}
        />
        <Select<Health>
          allowClear
          aria-label={t("byHealth")}
          placeholder={t("anyHealth")}
          style={{ width: 180 }}
          value={known ?? null}
          onChange={(chosen?: Health) => choose({ health: chosen ?? "" })}
          options={HEALTHS.map((value) => ({ value, label: t(`ui:healths.${value}`) }))}
        />
        <span style={{ marginInlineStart: "auto" }}>
          <NewService project={project} environment={environment} />
        </span>
      </Flex>
      <List<ListedService>
        query={services}
        rowKey="id"
        columns={columns}
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

function withoutEmpty(search: { [Key in keyof Chosen]?: string | undefined }): Chosen {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
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

interface EnvironmentSelectProps {
  project: string;
  value: string | undefined;
  onChange: (environment: string | undefined) => void;
}

function EnvironmentSelect({ project, value, onChange }: EnvironmentSelectProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const environments = api.useQuery("get", "/api/v1/projects/{project}/environments", {
    params: { path: { project }, query: { limit: 200 } },
  });
  return (
    <Select<string>
      allowClear
      aria-label={t("byEnvironment")}
      placeholder={t("anyEnvironment")}
      style={{ width: 180 }}
      loading={environments.isPending}
      value={value ?? null}
      onChange={onChange}
      options={environments.data?.results.map(({ name }) => ({ value: name, label: name }))}
    />
  );
}
