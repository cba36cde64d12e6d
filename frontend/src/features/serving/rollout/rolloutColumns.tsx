import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Actor } from "@/ui/Actor";
import { ReasonText } from "@/ui/Reason";
import { PhaseTag } from "@/ui/Status";
import type { TableColumns } from "@/ui/Table";
import { Age, formatDuration, useNow } from "@/ui/Time";
import { tookSeconds } from "../took";
import type { Rollout } from "../types";
import { VersionChange } from "./VersionChange";

interface Shown {
  /** Leave out what the page says already. */
  project?: boolean;
  service?: boolean;
}

/** The columns of every list of rollouts. */
export function useRolloutColumns({ project, service }: Shown): TableColumns<Rollout> {
  const { t } = useTranslation(["serving", "ui"]);
  const columns: TableColumns<Rollout> = [
    {
      title: t("change"),
      sortBy: "kind",
      render: (_, { id, kind }) => (
        <Link to="/rollouts/$rollout" params={{ rollout: id }}>
          {t(`ui:kinds.${kind}`)}
        </Link>
      ),
    },
    {
      title: t("ui:status"),
      sortBy: "phase",
      render: (_, { phase }) => <PhaseTag phase={phase} />,
    },
    { title: t("ui:version"), render: (_, rollout) => <VersionChange rollout={rollout} /> },
    {
      title: t("why"),
      render: (_, { reason = "", message }) => (
        <span title={message}>
          <ReasonText reason={reason} />
        </span>
      ),
    },
    {
      title: t("startedBy"),
      sortBy: "started_by",
      render: (_, { started_by: name, started_by_kind: kind, started_by_token: token }) => (
        <Actor name={name} kind={kind} token={token} />
      ),
    },
    {
      title: t("started"),
      sortBy: "-created_at",
      render: (_, { clock }) => <Age at={clock.requested_at} />,
    },
    {
      title: t("took"),
      align: "right",
      render: (_, { clock }) => <Took clock={clock} />,
    },
  ];
  const places: TableColumns<Rollout> = [
    {
      title: t("ui:service"),
      render: (_, { project: name, environment, service: called }) => (
        <Link
          to="/projects/$project/environments/$environment/services/$service"
          params={{ project: name, environment, service: called }}
        >
          {called}
        </Link>
      ),
    },
    { title: t("ui:environment"), dataIndex: "environment" },
  ];
  const projects: TableColumns<Rollout> = [
    {
      title: t("ui:project"),
      render: (_, { project: name }) => (
        <Link to="/projects/$project" params={{ project: name }}>
          {name}
        </Link>
      ),
    },
  ];
  const [change, ...rest] = columns;
  return [
    ...(change ? [change] : []),
    ...(service ? places : []),
    ...(project ? projects : []),
    ...rest,
  ];
}

/** How long a rollout took; of one that runs, so far. */
function Took({ clock }: { clock: Rollout["clock"] }) {
  const now = useNow();
  return <>{formatDuration(tookSeconds(clock, now))}</>;
}
