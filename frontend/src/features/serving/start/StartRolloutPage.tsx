import { Link } from "@tanstack/react-router";
import { Card } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { Page } from "@/ui/Page";
import { QueryView } from "@/ui/QueryView";
import { ChoiceFields } from "./ChoiceFields";
import { Preparation } from "./Preparation";
import { useChoice } from "./useChoice";
import { useStart } from "./useStart";

/** Prepare a rollout: where, what, which version; see what it will do; start it. */
export function StartRolloutPage() {
  const { t } = useTranslation(["serving", "ui"]);
  const [choice, choose] = useChoice();
  const { project, environment = "", service: name = "", create } = choice;
  const start = useStart((service) => choose({ service, create: undefined }));
  const place = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}",
    { params: { path: { project, environment } } },
    { enabled: environment !== "" },
  );
  const service = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}",
    { params: { path: { project, environment, service: name } } },
    { enabled: environment !== "" && name !== "" },
  );
  const isChosen = environment && (name || create);
  return (
    <Page
      title={create ? t("newService") : t("start.title")}
      path={[
        <Link key="project" to="/projects/$project" params={{ project }}>
          {project}
        </Link>,
        <Link key="services" to="/projects/$project/services" params={{ project }}>
          {t("title")}
        </Link>,
      ]}
    >
      <Card size="small">
        <ChoiceFields
          choice={choice}
          choose={choose}
          model={name ? service.data?.model : choice.model}
          current={service.data?.current_version}
          error={start.starting.error}
        />
      </Card>
      {!isChosen ? (
        <Empty>{t("start.chooseFirst")}</Empty>
      ) : (
        <QueryView query={place}>
          {(found) =>
            name ? (
              <QueryView query={service}>
                {(known) => (
                  <Preparation
                    key={known.id}
                    {...{ choice, start }}
                    environment={found}
                    service={known}
                  />
                )}
              </QueryView>
            ) : (
              <Preparation {...{ choice, start }} environment={found} service={undefined} />
            )
          }
        </QueryView>
      )}
    </Page>
  );
}
