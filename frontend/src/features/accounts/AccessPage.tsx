import { getRouteApi } from "@tanstack/react-router";
import { Flex } from "antd";
import { Members } from "./Members";
import { Tokens } from "./Tokens";

const route = getRouteApi("/app/projects/$project/access");

/** Who may do what in a project: its people, and the tokens of its machines. */
export function AccessPage() {
  const { project } = route.useParams();
  return (
    <Flex vertical gap={32}>
      <Members project={project} />
      <Tokens project={project} />
    </Flex>
  );
}
