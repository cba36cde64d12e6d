import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Flex, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/ui/Empty";
import { ProblemView } from "@/ui/ProblemView";
import { QueryView } from "@/ui/QueryView";
import { EnvironmentUsage } from "./EnvironmentUsage";
import { periodBefore, STEP, type SummarySearch, summaryOf } from "./queries";
import { ServiceRanking } from "./ServiceRanking";
import { WindowChoice } from "./WindowChoice";

const route = getRouteApi("/app/projects/$project/");

/** Stands in for the end of a window that is not known yet. */
const EARLIEST = new Date(0).toISOString();

/** What a project may use, asked for, uses, and wastes. */
export function SummaryPage() {
  const { t } = useTranslation("usage");
  const { project } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [limit, setLimit] = useState(STEP);
  const summary = useQuery({
    ...summaryOf(project, search, limit),
    placeholderData: keepPreviousData,
  });
  const { until = EARLIEST, window_seconds: seconds = 0 } = summary.data ?? {};
  const before = useQuery({
    ...periodBefore(project, until, seconds),
    enabled: search.compare === "before" && seconds > 0,
    placeholderData: keepPreviousData,
  });
  const show = (change: SummarySearch) =>
    void navigate({
      search: known({ ...search, ...change }),
      replace: true,
      resetScroll: false,
    });
  return (
    <QueryView query={summary}>
      {(found) => {
        const names = found.environments.map(({ environment }) => environment);
        const chosen = names.find((name) => name === search.environment);
        const isShown = ({ environment }: { environment: string }) =>
          !chosen || environment === chosen;
        if (names.length === 0) return <NoEnvironment project={project} />;
        return (
          <Flex vertical gap={16}>
            {before.isError && <ProblemView error={before.error} />}
            <Flex gap={16} wrap>
              <WindowChoice search={search} onChange={show} />
              {names.length > 1 && (
                <Segmented
                  aria-label={t("environments")}
                  value={chosen ?? ""}
                  options={[
                    { value: "", label: t("allEnvironments") },
                    ...names.map((value) => ({ value, label: value })),
                  ]}
                  onChange={(value) => show({ environment: value || undefined })}
                />
              )}
            </Flex>
            {found.environments.filter(isShown).map((environment) => (
              <EnvironmentUsage
                key={environment.environment}
                environment={environment}
                until={found.until}
                windowSeconds={found.window_seconds}
                before={
                  search.compare === "before" && !before.isPlaceholderData
                    ? before.data?.environments.find(
                        (one) => one.environment === environment.environment,
                      )
                    : undefined
                }
              />
            ))}
            <ServiceRanking
              project={project}
              summary={found}
              onChange={show}
              onMore={() => setLimit(limit + STEP)}
              empty={<NoServices project={project} isAll={!chosen} />}
            />
          </Flex>
        );
      }}
    </QueryView>
  );
}

/** Leave out what an address does not say. */
function known(search: SummarySearch) {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
}

function NoEnvironment({ project }: { project: string }) {
  const { t } = useTranslation("usage");
  return (
    <Empty
      action={
        <Link to="/projects/$project/environments" params={{ project }}>
          {t("toEnvironments")}
        </Link>
      }
    >
      {t("noEnvironment")}
    </Empty>
  );
}

function NoServices({ project, isAll }: { project: string; isAll: boolean }) {
  const { t } = useTranslation("usage");
  if (!isAll) return t("noServicesHere");
  return (
    <Flex vertical gap={8}>
      {t("noServices")}
      <Link to="/projects/$project/services" params={{ project }}>
        {t("toServices")}
      </Link>
    </Flex>
  );
}
