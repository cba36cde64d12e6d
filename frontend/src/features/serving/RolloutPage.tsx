import { Page } from "@/ui/Page";

export function RolloutPage() {
  return <Page title="RolloutPage">{null}</Page>;
}
