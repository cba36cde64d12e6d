import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";

/** Leads to the page of what somebody should look at. */
export function ConcernLink({ concern }: { concern: Schemas["Concern"] }) {
  const { object, name, project, environment, service } = concern;
  if (object === "cluster") return <Link to="/platform">{name}</Link>;
  if (object === "environment")
    return (
      <Link to="/projects/$project/environments" params={{ project }}>
        {project}/{environment}
      </Link>
    );
  if (object === "rollout")
    return (
      <Link to="/rollouts/$rollout" params={{ rollout: name }}>
        {project}/{environment}/{service}
      </Link>
    );
  return (
    <Link
      to="/projects/$project/environments/$environment/services/$service"
      params={{ project, environment, service }}
    >
      {project}/{environment}/{service}
    </Link>
  );
}
