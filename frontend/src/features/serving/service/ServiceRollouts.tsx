import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { useRolloutColumns } from "../rollout/rolloutColumns";
import type { Rollout, ServiceProps } from "../types";
import { ReturnButton } from "./ReturnButton";

/** Every change of one service. */
export function ServiceRollouts({ service, path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const rollouts = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollouts",
    { params: { path } },
    byCursor,
  );
  const columns = useRolloutColumns({});
  return (
    <List<Rollout>
      query={rollouts}
      rowKey="id"
      columns={[
        ...columns,
        {
          render: (_, { phase, to_revision: revision }) =>
            phase === "Succeeded" &&
            revision !== null && <ReturnButton service={service} path={path} revision={revision} />,
        },
      ]}
      empty={<Empty>{t("noRollouts")}</Empty>}
    />
  );
}
