import type { FormInstance } from "antd";
import { showAtFields } from "@/ui/fieldErrors";
import type { Service, Spec } from "../types";
import { fieldOf, isAdvanced } from "./fields";
import type { Choice } from "./useChoice";
import { useKeepDraft } from "./useKeepDraft";
import type { useStart, Wanted } from "./useStart";
import { specOf, type Values } from "./values";

interface Asked {
  form: FormInstance<Values>;
  choice: Choice & { project: string };
  environment: string;
  service: Service | undefined;
  start: ReturnType<typeof useStart>;
  /** What of the form differs from what the next rollout brings by itself. */
  changed: (typed: Values) => Partial<Spec>;
  /** Something that may be folded away needs to be corrected. */
  onAdvanced: () => void;
}

/** What can be asked with what stands in the form: to start it, or to keep it as a draft. */
export function useAsking({ form, choice, environment, service, start, ...asked }: Asked) {
  const { project, model = "", version = "" } = choice;
  const keeping = useKeepDraft();
  const typed = (): Values => form.getFieldsValue(true);
  const pathOf = (name = "") => ({ project, environment, service: name });
  const onError = (error: unknown) =>
    showAtFields(form, error, (path) => {
      const field = fieldOf(path, typed());
      if (isAdvanced(field)) asked.onAdvanced();
      return field;
    });

  const send = () => {
    const values = typed();
    const path = pathOf(service?.name ?? values.name);
    const rollout = { version, reason: values.reason ?? "" };
    const create = { ...specOf(values), name: path.service, model };
    const wanted: Wanted = service
      ? { path, rollout: { ...rollout, ...asked.changed(values) } }
      : { path, create, rollout };
    keeping.reset();
    start.starting.mutate(wanted, { onError });
  };
  const keep = () => {
    start.starting.reset();
    keeping.mutate({ path: pathOf(service?.name), changes: asked.changed(typed()) }, { onError });
  };
  return { send, keep, keeping };
}
