import { Page } from "@/ui/Page";

export function SummaryPage() {
  return <Page title="SummaryPage">{null}</Page>;
}
