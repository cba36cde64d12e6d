import { Alert, Form } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { FieldPath } from "@/ui/fieldErrors";
import { changesBetween, runningSpec, specBy } from "../changes/changes";
import { intended, isDrafted } from "../draft/draft";
import { RolloutUnderWay } from "../RolloutUnderWay";
import type { Service } from "../types";
import { isAdvanced } from "./fields";
import { Refusal } from "./Refusal";
import { SendButtons } from "./SendButtons";
import { SettingsForm } from "./SettingsForm";
import { useAsking } from "./useAsking";
import type { Choice } from "./useChoice";
import { usePreflight } from "./usePreflight";
import type { useStart } from "./useStart";
import { changedFields, NEW, specOf, type Values, valuesOf } from "./values";
import { WhatChanges } from "./WhatChanges";
import { WhatFits } from "./WhatFits";
import "./start.css";

interface Props {
  choice: Choice & { project: string };
  environment: Schemas["Environment"];
  /** The service as it is; none where it is to be created. */
  service: Service | undefined;
  start: ReturnType<typeof useStart>;
}

/** The settings of a rollout; beside them what they would do, and the button that does it. */
export function Preparation({ choice, environment, service, start }: Props) {
  const { t } = useTranslation("serving");
  const { starting, created } = start;
  const [form] = Form.useForm<Values>();
  // What the next rollout brings by itself: what runs, and what was drafted over it.
  const next = service && intended(service);
  const [initial] = useState(() => (next ? valuesOf(next) : NEW));
  const [isOpen, setOpen] = useState(false);
  // Until the form has drawn itself it has nothing to tell.
  const values = { ...initial, ...Form.useWatch((all: Values) => all, { form, preserve: true }) };
  // What somebody else has changed meanwhile is not taken back.
  const changed = (typed: Values) => changedFields(specOf(typed), specOf(initial));
  const spec = next ? { ...specOf(valuesOf(next)), ...changed(values) } : specOf(values);
  const preflight = usePreflight({
    project: choice.project,
    environment: environment.name,
    service: service?.name,
    version: choice.version,
    brings: service ? changed(values) : spec,
  });
  const wanted = specBy(spec, choice.version ?? "", preflight?.replicas ?? spec.replicas);
  const changes = changesBetween(service && runningSpec(service), wanted);
  const { send, keep, keeping } = useAsking({
    form,
    choice,
    environment: environment.name,
    service,
    start,
    changed,
    onAdvanced: () => setOpen(true),
  });
  const checkAndKeep = () =>
    form.validateFields().then(keep, (failed: { errorFields: { name: FieldPath }[] }) => {
      if (failed.errorFields.some(({ name }) => isAdvanced(name))) setOpen(true);
    });
  return (
    <div className="slipway-start">
      <SettingsForm
        form={form}
        initial={initial}
        environment={environment}
        service={service}
        isPending={starting.isPending || keeping.isPending}
        isOpen={isOpen}
        onToggle={setOpen}
        onSend={send}
      />
      <aside className="slipway-start-outlook">
        {starting.isError && <Refusal error={starting.error} created={created} />}
        {keeping.isError && <Refusal error={keeping.error} created={undefined} />}
        {service && isDrafted(service) && (
          <Alert type="info" showIcon title={t("start.fromDraft")} />
        )}
        {service?.rollout && <RolloutUnderWay rollout={service.rollout} />}
        <WhatChanges changes={changes} revision={service?.current_revision ?? null} />
        <WhatFits
          environment={environment.name}
          preflight={preflight}
          oldReplicas={service?.desired_replicas ?? 0}
        />
        <SendButtons
          choice={choice}
          service={service}
          isChanged={Object.keys(changed(values)).length > 0}
          isStarting={starting.isPending}
          isKeeping={keeping.isPending}
          onStart={form.submit}
          onKeep={() => void checkAndKeep()}
        />
      </aside>
    </div>
  );
}
