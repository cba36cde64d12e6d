import { getRouteApi, Link } from "@tanstack/react-router";
import { Card, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/permissions";
import { ActionButton } from "@/ui/ActionButton";
import { Labels } from "@/ui/Labels";
import { lazyDialog } from "@/ui/lazyDialog";
import { Page } from "@/ui/Page";
import { QueryView } from "@/ui/QueryView";
import { VersionsTable } from "./VersionsTable";

const DeleteModel = lazyDialog(() => import("./DeleteModel"), "DeleteModel");
const RegisterVersion = lazyDialog(() => import("./RegisterVersion"), "RegisterVersion");

const route = getRouteApi("/app/projects/$project/models/$model");

/** One model: its versions, how good they are, and where each of them runs. */
export function ModelPage() {
  const { t } = useTranslation(["registry", "projects", "ui"]);
  const { project, model } = route.useParams();
  const may = useMay(project);
  const [isRegistering, setRegistering] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const found = api.useQuery("get", "/api/v1/projects/{project}/models/{model}", {
    params: { path: { project, model } },
  });
  const mayRegister = may("model.write");
  const register = (
    <ActionButton
      type="primary"
      whyNot={mayRegister === false ? t("needsDeployer") : undefined}
      disabled={mayRegister === undefined}
      onClick={() => setRegistering(true)}
    >
      {t("registerVersion")}
    </ActionButton>
  );
  const path = [
    <Link key="projects" to="/projects">
      {t("projects:title")}
    </Link>,
    <Link key="project" to="/projects/$project" params={{ project }}>
      {project}
    </Link>,
    <Link key="models" to="/projects/$project/models" params={{ project }}>
      {t("title")}
    </Link>,
  ];
  return (
    <Page
      title={model}
      path={path}
      actions={
        <>
          {register}
          <ActionButton
            danger
            whyNot={may("model.delete") === false ? t("needsProjectAdmin") : undefined}
            onClick={() => setDeleting(true)}
          >
            {t("ui:delete")}
          </ActionButton>
        </>
      }
    >
      <QueryView query={found}>
        {({ description, labels = {} }) => (
          <>
            {description && (
              <Typography.Paragraph style={{ margin: 0, maxWidth: 900, whiteSpace: "pre-wrap" }}>
                {description}
              </Typography.Paragraph>
            )}
            {Object.keys(labels).length > 0 && <Labels labels={labels} />}
            <Card size="small" styles={{ body: { padding: 0 } }}>
              <VersionsTable
                project={project}
                model={model}
                mayRollOut={may("rollout.start")}
                register={register}
              />
            </Card>
          </>
        )}
      </QueryView>
      {isDeleting && (
        <DeleteModel project={project} model={model} onClose={() => setDeleting(false)} />
      )}
      {isRegistering && (
        <RegisterVersion project={project} model={model} onClose={() => setRegistering(false)} />
      )}
    </Page>
  );
}
