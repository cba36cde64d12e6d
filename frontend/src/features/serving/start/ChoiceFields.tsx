import { Link } from "@tanstack/react-router";
import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { fieldError } from "@/ui/fieldErrors";
import { PhaseLabel, ServiceLabel } from "./labels";
import { isMissing, type Listed } from "./missing";
import type { Choice } from "./useChoice";
import { VersionField } from "./VersionField";

interface Props {
  choice: Choice & { project: string };
  choose: (change: { [Key in keyof Choice]?: string | undefined }) => void;
  /** The model of the service, where that is known. */
  model: string | undefined;
  current: string | null | undefined;
  error: unknown;
}

/** Where, which service, and which version: what the address says too. */
export function ChoiceFields({ choice, choose, model, current, error }: Props) {
  const { project, environment, create, version } = choice;
  return (
    <Form layout="vertical" component={false}>
      <div className="slipway-fields">
        <EnvironmentField
          project={project}
          value={environment}
          onChange={(chosen) => choose({ environment: chosen, service: undefined })}
        />
        <ServiceField choice={choice} choose={choose} />
        {create && (
          <ModelField
            project={project}
            value={choice.model}
            error={fieldError(error, "/model")}
            onChange={(chosen) => choose({ model: chosen, version: undefined })}
          />
        )}
        <VersionField
          project={project}
          model={model}
          value={version}
          current={current}
          error={fieldError(error, "/version")}
          onChange={(chosen) => choose({ version: chosen })}
        />
      </div>
    </Form>
  );
}

interface FieldProps {
  project: string;
  value: string | undefined;
  error?: string | undefined;
  onChange: (chosen: string) => void;
}

function EnvironmentField({ project, value, onChange }: FieldProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const environments = api.useQuery("get", "/api/v1/projects/{project}/environments", {
    params: { path: { project }, query: { limit: 200 } },
  });
  const found = environments.data?.results;
  const hint = found?.length === 0 && (
    <Link to="/projects/$project/environments" params={{ project }}>
      {t("start.noEnvironment")}
    </Link>
  );
  return (
    <Form.Item
      label={t("ui:environment")}
      htmlFor="environment"
      required
      extra={hint}
      {...unknown(value, environments.data, t("start.unknownEnvironment", { name: value ?? "" }))}
    >
      <Select<string>
        id="environment"
        showSearch
        popupMatchSelectWidth={360}
        loading={environments.isPending}
        value={value ?? null}
        placeholder={t("start.chooseEnvironment")}
        onChange={onChange}
        options={(found ?? []).map(({ name }) => ({ value: name, label: name }))}
        optionRender={({ value: name }) => {
          const environment = found?.find((one) => one.name === name);
          return environment && <PhaseLabel environment={environment} />;
        }}
      />
    </Form.Item>
  );
}

/** Stands for a service that does not exist yet; no service is called so. */
const NEW_SERVICE = "";

function ServiceField({ choice, choose }: Pick<Props, "choice" | "choose">) {
  const { t } = useTranslation(["serving", "ui"]);
  const { project, environment = "", service, create, model } = choice;
  const services = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services",
    {
      params: { path: { project, environment }, query: { limit: 500, ...(model && { model }) } },
    },
    { enabled: Boolean(environment) },
  );
  const found = services.data?.results;
  const pick = (chosen: string) =>
    choose(
      chosen === NEW_SERVICE
        ? { create: "yes", service: undefined }
        : { create: undefined, service: chosen },
    );
  return (
    <Form.Item
      label={t("ui:service")}
      htmlFor="service"
      required
      {...unknown(service, services.data, t("start.unknownService", { name: service ?? "" }))}
    >
      <Select<string>
        id="service"
        showSearch
        popupMatchSelectWidth={360}
        disabled={!environment}
        loading={services.isFetching}
        value={service ?? (create ? NEW_SERVICE : null)}
        placeholder={t("start.chooseService")}
        onChange={pick}
        options={[
          { value: NEW_SERVICE, label: t("newService") },
          ...(found ?? []).map(({ name }) => ({ value: name, label: name })),
        ]}
        optionRender={({ value: name, label }) => {
          const one = found?.find((service) => service.name === name);
          return one ? <ServiceLabel service={one} /> : <strong>+ {label}</strong>;
        }}
      />
    </Form.Item>
  );
}

function ModelField({ project, value, error, onChange }: FieldProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const models = api.useQuery("get", "/api/v1/projects/{project}/models", {
    params: { path: { project }, query: { limit: 500 } },
  });
  const found = models.data?.results;
  const hint = found?.length === 0 && (
    <Link to="/projects/$project/models" params={{ project }}>
      {t("start.noModel")}
    </Link>
  );
  return (
    <Form.Item
      label={t("ui:model")}
      htmlFor="model"
      required
      extra={hint}
      {...(error
        ? ({ validateStatus: "error", help: error } as const)
        : unknown(value, models.data, t("start.unknownModel", { name: value ?? "" })))}
    >
      <Select<string>
        id="model"
        showSearch
        popupMatchSelectWidth={360}
        loading={models.isPending}
        value={value ?? null}
        placeholder={t("start.chooseModel")}
        onChange={onChange}
        options={(found ?? []).map(({ name }) => ({ value: name, label: name }))}
      />
    </Form.Item>
  );
}

/** Say that what the address names is not there. */
function unknown(value: string | undefined, list: Listed | undefined, help: string) {
  return isMissing(value, list) ? ({ validateStatus: "error", help } as const) : {};
}
