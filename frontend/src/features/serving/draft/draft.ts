import type { Schemas } from "@/api/client";
import { type Change, changesBetween, specBy } from "../changes/changes";
import type { ListedService, Service } from "../types";

/** Where a service's page shows its draft. */
export const DRAFT_ANCHOR = "draft";

/** Only what was changed is there, whatever its type says. */
type Draft = Partial<Schemas["Draft"]>;

/** Return whether something was changed that the next rollout will bring. */
export function isDrafted({ draft }: Pick<ListedService, "draft">): boolean {
  return Object.keys(draft).length > 0;
}

/** Return a service as its next rollout will have it: what runs, with what was drafted over it. */
export function intended(service: Service): Service {
  const draft: Draft = service.draft;
  return { ...service, ...draft, resources: { ...service.resources, ...draft.resources } };
}

/** Return what was drafted, beside what runs. */
export function draftedChanges(service: Service): Change[] {
  const spec = (one: Service) => specBy(one, one.current_version ?? "", one.replicas);
  return changesBetween(spec(service), spec(intended(service)));
}
