import { getRouteApi } from "@tanstack/react-router";
import { Flex, Skeleton } from "antd";
import { useMay } from "@/api/permissions";
import { Members } from "./Members";
import { useMembers } from "./membership";
import { Tokens } from "./Tokens";
import { useTokens } from "./tokenState";

const route = getRouteApi("/app/projects/$project/access");

/** Who may do what in a project: its people, and the tokens of its machines. */
export function AccessPage() {
  const { project } = route.useParams();
  const maySee = useMay(project)("token.view") ?? false;
  const lists = [useMembers(project), useTokens(project, maySee)];
  // Together: the second would be pushed down by what comes of the first.
  if (lists.some((list) => list.isLoading)) return <Skeleton active />;
  return (
    <Flex vertical gap={32}>
      <Members project={project} />
      <Tokens project={project} />
    </Flex>
  );
}
