import { Page } from "@/ui/Page";

export function EnvironmentsPage() {
  return <Page title="EnvironmentsPage">{null}</Page>;
}
