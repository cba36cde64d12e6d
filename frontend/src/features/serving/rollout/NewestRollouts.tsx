import { useTranslation } from "react-i18next";
import { EmptyLine } from "@/ui/Empty";
import { Table } from "@/ui/Table";
import type { Rollout } from "../types";
import { useRolloutColumns } from "./rolloutColumns";

interface Props {
  rollouts: Rollout[];
  isOfOneProject?: boolean;
}

/** A few rollouts, of any service. */
export function NewestRollouts({ rollouts, isOfOneProject = false }: Props) {
  const { t } = useTranslation("serving");
  const columns = useRolloutColumns({ service: true, project: !isOfOneProject });
  if (rollouts.length === 0) return <EmptyLine>{t("noRollouts")}</EmptyLine>;
  return (
    <Table<Rollout> rowKey="id" data={rollouts} columns={columns} scroll={{ x: "max-content" }} />
  );
}
