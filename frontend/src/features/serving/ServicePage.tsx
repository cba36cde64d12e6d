import { Page } from "@/ui/Page";

export function ServicePage() {
  return <Page title="ServicePage">{null}</Page>;
}
