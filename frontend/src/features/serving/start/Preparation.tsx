import { Form, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { showAtFields } from "@/ui/fieldErrors";
import { RolloutUnderWay } from "../RolloutUnderWay";
import type { Service } from "../types";
import { fieldOf, isAdvanced } from "./fields";
import { Refusal } from "./Refusal";
import { SettingsForm } from "./SettingsForm";
import type { Choice } from "./useChoice";
import { useOutlook } from "./useOutlook";
import type { useStart, Wanted } from "./useStart";
import { useWhyNotStart } from "./useWhyNotStart";
import { WhatChanges } from "./WhatChanges";
import { WhatFits } from "./WhatFits";
import { changedFields, NEW, type Values, valuesOf, wishOf } from "./wish";
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
  const [initial] = useState(() => (service ? valuesOf(service) : NEW));
  const [isOpen, setOpen] = useState(false);
  // Until the form has drawn itself it has nothing to tell.
  const values = { ...initial, ...Form.useWatch((all: Values) => all, { form, preserve: true }) };
  const { project, model = "", version = "" } = choice;
  // What somebody else has changed meanwhile is not taken back.
  const changed = (typed: Values) => changedFields(wishOf(typed), wishOf(initial));
  const wish = service ? { ...wishOf(valuesOf(service)), ...changed(values) } : wishOf(values);
  const outlook = useOutlook({ environment, service, version, wish });
  const whyNot = useWhyNotStart({ choice, service });

  const send = () => {
    const typed: Values = form.getFieldsValue(true);
    const path = {
      project,
      environment: environment.name,
      service: service?.name ?? typed.name ?? "",
    };
    const rollout = { version, reason: typed.reason ?? "" };
    const create = { ...wishOf(typed), name: path.service, model };
    const wanted: Wanted = service
      ? { path, rollout: { ...rollout, ...changed(typed) } }
      : { path, create, rollout };
    starting.mutate(wanted, {
      onError: (error) =>
        showAtFields(form, error, (path) => {
          const field = fieldOf(path, typed);
          if (isAdvanced(field)) setOpen(true);
          return field;
        }),
    });
  };
  return (
    <div className="slipway-start">
      <SettingsForm
        form={form}
        initial={initial}
        environment={environment}
        service={service}
        isPending={starting.isPending}
        isOpen={isOpen}
        onToggle={setOpen}
        onSend={send}
      />
      <aside className="slipway-start-outlook">
        {starting.isError && <Refusal error={starting.error} created={created} />}
        {service?.rollout && <RolloutUnderWay rollout={service.rollout} />}
        <WhatChanges changes={outlook.changes} revision={service?.current_revision ?? null} />
        <WhatFits
          environment={environment.name}
          preview={outlook.preview}
          isReplacing={outlook.changes?.some(({ aspect }) => aspect !== "replicas") ?? false}
          replicas={outlook.replicas}
          oldReplicas={service?.desired_replicas ?? 0}
        />
        <div className="slipway-start-send">
          <ActionButton
            type="primary"
            size="large"
            block
            whyNot={whyNot}
            loading={starting.isPending}
            onClick={form.submit}
          >
            {service ? t("verbs.roll_out") : t("start.createAndRollOut")}
          </ActionButton>
          {whyNot && <Typography.Text type="secondary">{whyNot}</Typography.Text>}
        </div>
      </aside>
    </div>
  );
}
