import { api, type Schemas } from "@/api/client";
import { byCursor } from "@/ui/List";

export type Member = Schemas["Membership"];

export function useMembers(project: string) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/members",
    { params: { path: { project } } },
    byCursor,
  );
}

/** Return who may not lose the role, because nobody would be left to give it; of a whole list only. */
export function lastAdmin(members: Member[]): string | undefined {
  const [admin, ...others] = members.filter(({ role }) => role === "admin");
  return others.length === 0 ? admin?.username : undefined;
}
