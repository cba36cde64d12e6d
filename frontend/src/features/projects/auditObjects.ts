import { linkOptions } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";

export type AuditEvent = Schemas["AuditEvent"];
type Subject = Pick<AuditEvent, "action" | "object_kind" | "object_id" | "object_name" | "project">;

/** Return the page of what was changed; nothing where there is none, or none any more. */
export function pageOf({ action, project, ...object }: Subject) {
  if (action.endsWith(".delete") || !project) return undefined;
  const name = object.object_name;
  switch (object.object_kind) {
    case "rollout":
      return linkOptions({ to: "/rollouts/$rollout", params: { rollout: object.object_id } });
    case "service": {
      const [environment, service] = name.split("/");
      if (!environment || !service) return undefined;
      return linkOptions({
        to: "/projects/$project/environments/$environment/services/$service",
        params: { project, environment, service },
      });
    }
    case "model":
    case "model version": {
      const [model = ""] = name.split(":");
      return linkOptions({ to: "/projects/$project/models/$model", params: { project, model } });
    }
    case "secret": {
      const [environment] = name.split("/");
      if (!environment) return undefined;
      return linkOptions({
        to: "/projects/$project/environments/$environment/secrets",
        params: { project, environment },
      });
    }
    case "environment":
      return linkOptions({ to: "/projects/$project/environments", params: { project } });
    case "user":
    case "api token":
      return linkOptions({ to: "/projects/$project/access", params: { project } });
    case "project":
      return linkOptions({ to: "/projects/$project", params: { project } });
    default:
      return undefined;
  }
}
