import { Page } from "@/ui/Page";

export function ProjectRollouts() {
  return null;
}

export function RolloutsPage() {
  return <Page title="Rollouts">{null}</Page>;
}
