import { Page } from "@/ui/Page";

export function PlatformPage() {
  return <Page title="PlatformPage">{null}</Page>;
}
