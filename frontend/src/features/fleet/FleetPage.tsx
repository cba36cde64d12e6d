import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { CLUSTERS } from "@/api/clusters";
import { useMe } from "@/api/me";
import { isUnanswered } from "@/lib/unanswered";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { Empty } from "@/ui/Empty";
import { byCursor, List } from "@/ui/List";
import { Page } from "@/ui/Page";
import { ProblemView } from "@/ui/ProblemView";
import { CardsByModel } from "./CardsByModel";
import { FleetFilters, type FleetSearch, READINESS } from "./FleetFilters";
import { useNodeColumns } from "./nodeColumns";
import { type FleetNode, type NodeState, nodeStateOf } from "./nodeState";
import { StaleClusters } from "./StaleClusters";
import { UnattributedCards } from "./UnattributedCards";

const route = getRouteApi("/app/fleet");

const ROW_CLASS: Record<NodeState, string> = {
  ready: "slipway-node",
  troubled: "slipway-node is-bad",
  notReady: "slipway-node is-bad",
  cordoned: "slipway-node is-doubtful",
  unknown: "slipway-node is-doubtful",
};

/** The servers of all clusters: what they have, what is asked of them, and for whom. */
export function FleetPage() {
  const { t } = useTranslation("fleet");
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const columns = useNodeColumns(search.search);
  const clusters = useQuery(CLUSTERS);
  const summary = api.useQuery(
    "get",
    "/api/v1/fleet/summary",
    { params: { query: search.cluster ? { cluster: search.cluster } : {} } },
    { placeholderData: keepPreviousData },
  );
  const unattributed = api.useQuery(
    "get",
    "/api/v1/fleet/unattributed",
    {},
    { enabled: me.is_platform_admin },
  );
  const nodes = api.useInfiniteQuery(
    "get",
    "/api/v1/fleet/nodes",
    { params: { query: queryOf(search) } },
    byCursor,
  );
  const known = clusters.data?.results ?? [];
  const shown = known.filter(({ name }) => !search.cluster || name === search.cluster);
  // What comes later would push the list down.
  const isAwaited =
    [clusters, summary].some(isUnanswered) || (me.is_platform_admin && isUnanswered(unattributed));
  const show = (to: FleetSearch) =>
    void navigate({ search: to, replace: true, resetScroll: false });
  return (
    <Page title={t("title")} isAwaited={isAwaited}>
      <StaleClusters clusters={shown} />
      {summary.isError && (
        <ProblemView error={summary.error} onRetry={() => void summary.refetch()} />
      )}
      {summary.data && <CardsByModel gpus={summary.data.gpus} search={search} />}
      <UnattributedCards clusters={unattributed.data?.clusters ?? []} chosen={search.cluster} />
      <FleetFilters
        search={search}
        clusters={known}
        gpus={summary.data?.gpus ?? []}
        onChange={show}
      />
      <List<FleetNode>
        query={nodes}
        rowKey={({ cluster, name }) => `${cluster}/${name}`}
        rowClassName={(node) => ROW_CLASS[nodeStateOf(node)]}
        columns={columns}
        ordering={search.ordering}
        onOrder={(ordering) => show(withoutEmpty({ ...search, ordering }))}
        tableLayout="fixed"
        scroll={{ x: 1200 }}
        empty={<NoNodes isFiltered={Object.keys(search).length > 0} />}
      />
    </Page>
  );
}

/** What the API is asked for; what is none of these it refuses, in a sentence that says so. */
function queryOf({ ready, ...filters }: FleetSearch) {
  if (!ready) return filters;
  return {
    ...filters,
    ready: Object.hasOwn(READINESS, ready) ? READINESS[ready] : (ready as never),
  };
}

function NoNodes({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation("fleet");
  return isFiltered ? (
    <Empty action={<Link to="/fleet">{t("showAll")}</Link>}>{t("noneFound")}</Empty>
  ) : (
    <Empty action={<Link to="/platform">{t("toPlatform")}</Link>}>{t("noNodes")}</Empty>
  );
}
