import { useTranslation } from "react-i18next";
import { Empty } from "@/ui/Empty";
import { Table } from "@/ui/Table";
import type { Rollout } from "../types";
import { useRolloutColumns } from "./rolloutColumns";

/** A few rollouts, of any service. */
export function NewestRollouts({ rollouts }: { rollouts: Rollout[] }) {
  const { t } = useTranslation("serving");
  const columns = useRolloutColumns({ service: true, project: true });
  return (
    <Table<Rollout>
      rowKey="id"
      data={rollouts}
      columns={columns}
      scroll={{ x: "max-content" }}
      emptyText={<Empty>{t("noRollouts")}</Empty>}
    />
  );
}
