import { api } from "./client";

/** Tell what the caller may do in a project; undefined while that is not known yet. */
export function useMay(project: string): (permission: string) => boolean | undefined {
  const { data } = api.useQuery("get", "/api/v1/projects/{project}", {
    params: { path: { project } },
  });
  return (permission) => data?.permissions.includes(permission);
}
