import { Page } from "@/ui/Page";

export function StartRolloutPage() {
  return <Page title="StartRolloutPage">{null}</Page>;
}
