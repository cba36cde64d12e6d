import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { beginOf, endOf } from "@/lib/days";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { Empty } from "@/ui/Empty";
import { type Filter, Filters } from "@/ui/Filters";
import { byCursor, List } from "@/ui/List";
import { Page } from "@/ui/Page";
import type { Phase } from "@/ui/Status";
import type { Rollout } from "../types";
import { useRolloutColumns } from "./rolloutColumns";

const PHASES: Phase[] = [
  "Pending",
  "Progressing",
  "Paused",
  "RollingBack",
  "Succeeded",
  "Failed",
  "Aborted",
];
const KINDS: Rollout["kind"][] = ["deploy", "rollback", "scale", "restart", "decommission"];
/** What is typed is no step to go back to, and stays in sight. */
const IN_PLACE = { replace: true, resetScroll: false } as const;
const everywhere = getRouteApi("/app/rollouts");
const inProject = getRouteApi("/app/projects/$project/rollouts");

/** What the address says of which rollouts are shown, and in which order. */
interface Search {
  project?: string;
  environment?: string;
  service?: string;
  kind?: string;
  phase?: string;
  started_by?: string;
  since?: string;
  until?: string;
  ordering?: string;
}

/** Every rollout that the reader may see, the newest first. */
export function RolloutsPage() {
  const { t } = useTranslation(["serving", "ui"]);
  const search = everywhere.useSearch();
  const navigate = everywhere.useNavigate();
  return (
    <Page title={t("rollouts")}>
      <Filtered search={search} onChange={(to) => void navigate({ search: to, ...IN_PLACE })} />
    </Page>
  );
}

/** The rollouts of one project. */
export function ProjectRollouts() {
  const { project } = inProject.useParams();
  const search = inProject.useSearch();
  const navigate = inProject.useNavigate();
  return (
    <Filtered
      project={project}
      search={search}
      onChange={(to) => void navigate({ search: to, ...IN_PLACE })}
    />
  );
}

interface FilteredProps {
  project?: string;
  search: Search;
  onChange: (search: Search) => void;
}

function Filtered({ project, search, onChange }: FilteredProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const { ordering, ...filters } = search;
  const rollouts = api.useInfiniteQuery(
    "get",
    "/api/v1/rollouts",
    { params: { query: { ...queryOf(search), ...(project && { project }) } } },
    byCursor,
  );
  const columns = useRolloutColumns({ service: true, project: !project });
  const asked: Filter<keyof Search>[] = [
    { name: "service", label: t("ui:service") },
    ...(project ? [] : [{ name: "project" as const, label: t("ui:project") }]),
    { name: "environment", label: t("ui:environment") },
    { name: "started_by", label: t("startedBy") },
    {
      name: "kind",
      label: t("anyKind"),
      options: KINDS.map((value) => ({ value, label: t(`ui:kinds.${value}`) })),
    },
    {
      name: "phase",
      label: t("anyPhase"),
      options: PHASES.map((value) => ({ value, label: t(`ui:phases.${value}`) })),
    },
    { name: "since", label: t("ui:since"), isDay: true },
    { name: "until", label: t("ui:until"), isDay: true },
  ];
  const showAll = (
    <Button onClick={() => onChange(withoutEmpty({ ordering }))}>{t("showAll")}</Button>
  );
  return (
    <Flex vertical gap={12}>
      <Filters filters={asked} search={search} onChange={onChange} />
      <List<Rollout>
        query={rollouts}
        rowKey="id"
        columns={columns}
        ordering={ordering}
        onOrder={(by) => onChange(withoutEmpty({ ...search, ordering: by }))}
        empty={
          Object.keys(filters).length > 0 ? (
            <Empty action={showAll}>{t("noRolloutsFiltered")}</Empty>
          ) : (
            <Empty>{t("noRollouts")}</Empty>
          )
        }
      />
    </Flex>
  );
}

/** What the API is asked for; a kind or a phase that is none it refuses, in a sentence that says so. */
function queryOf({ kind, phase, since, until, ...rest }: Search) {
  const [from, to] = [beginOf(since), endOf(until)];
  return {
    ...rest,
    ...(kind && { kind: kind as Rollout["kind"] }),
    ...(phase && { phase: [phase as Phase] }),
    ...(from && { since: from }),
    ...(to && { until: to }),
  };
}
