import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/ui/Empty";
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
const everywhere = getRouteApi("/app/rollouts");
const inProject = getRouteApi("/app/projects/$project/rollouts");

/** Every rollout that the reader may see, the newest first. */
export function RolloutsPage() {
  const { t } = useTranslation(["serving", "ui"]);
  const { phase } = everywhere.useSearch();
  const navigate = everywhere.useNavigate();
  return (
    <Page title={t("rollouts")}>
      <Filtered phase={phase} onChoose={(search) => void navigate({ search })} />
    </Page>
  );
}

/** The rollouts of one project. */
export function ProjectRollouts() {
  const { project } = inProject.useParams();
  const { phase } = inProject.useSearch();
  const navigate = inProject.useNavigate();
  return (
    <Filtered project={project} phase={phase} onChoose={(search) => void navigate({ search })} />
  );
}

interface FilteredProps {
  project?: string;
  phase: string | undefined;
  onChoose: (search: { phase?: string }) => void;
}

function Filtered({ project, phase, onChoose }: FilteredProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const known = PHASES.find((one) => one === phase);
  const rollouts = api.useInfiniteQuery(
    "get",
    "/api/v1/rollouts",
    { params: { query: { ...(project && { project }), ...(known && { phase: [known] }) } } },
    byCursor,
  );
  const columns = useRolloutColumns({ service: true, project: !project });
  return (
    <Flex vertical gap={12}>
      <Select<Phase>
        allowClear
        aria-label={t("byPhase")}
        placeholder={t("anyPhase")}
        style={{ width: 200 }}
        value={known ?? null}
        onChange={(chosen?: Phase) => onChoose(chosen ? { phase: chosen } : {})}
        options={PHASES.map((value) => ({ value, label: t(`ui:phases.${value}`) }))}
      />
      <List<Rollout>
        query={rollouts}
        rowKey="id"
        columns={columns}
        empty={
          known ? (
            <Empty action={<Button onClick={() => onChoose({})}>{t("showAll")}</Button>}>
              {t("noneInPhase", { phase: t(`ui:phases.${known}`) })}
            </Empty>
          ) : (
            <Empty>{t("noRollouts")}</Empty>
          )
        }
      />
    </Flex>
  );
}
