import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/permissions";
import { ActionButton } from "@/ui/ActionButton";
import { Empty } from "@/ui/Empty";
import { byCursor } from "@/ui/List";
import { lazyDialog } from "@/ui/lazyDialog";
import { QueryView } from "@/ui/QueryView";
import { EnvironmentCard } from "./EnvironmentCard";

const CreateEnvironmentDialog = lazyDialog(
  () => import("./CreateEnvironmentDialog"),
  "CreateEnvironmentDialog",
);

const route = getRouteApi("/app/projects/$project/environments");

/** Where a project runs, and what it may use there. */
export function EnvironmentsPage() {
  const { t } = useTranslation(["projects", "ui"]);
  const { project } = route.useParams();
  const mayCreate = useMay(project)("environment.write");
  const [isCreating, setCreating] = useState(false);
  const environments = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments",
    { params: { path: { project } } },
    byCursor,
  );
  const create = (
    <ActionButton
      type="primary"
      whyNot={mayCreate === false ? t("needsPlatformAdmin") : undefined}
      onClick={() => setCreating(true)}
    >
      {t("createEnvironment")}
    </ActionButton>
  );
  return (
    <>
      <QueryView query={environments}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.results);
          if (all.length === 0)
            return (
              <Empty action={create}>
                {mayCreate ? t("noEnvironmentYet") : t("noEnvironmentForYou")}
              </Empty>
            );
          return (
            <Flex vertical gap={16}>
              <Flex justify="end">{create}</Flex>
              {all.map((environment) => (
                <EnvironmentCard key={environment.name} environment={environment} />
              ))}
              {environments.hasNextPage && (
                <Button
                  loading={environments.isFetchingNextPage}
                  onClick={() => void environments.fetchNextPage()}
                >
                  {t("ui:more")}
                </Button>
              )}
            </Flex>
          );
        }}
      </QueryView>
      {isCreating && (
        <CreateEnvironmentDialog project={project} onClose={() => setCreating(false)} />
      )}
    </>
  );
}
