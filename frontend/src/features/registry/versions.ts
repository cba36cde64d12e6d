import { api, type Schemas } from "@/api/client";
import { byCursor } from "@/ui/List";

export type ModelVersion = Schemas["VersionOverview"];

/** The versions of a model, newest first. */
export function useVersions(project: string, model: string) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/models/{model}/versions",
    { params: { path: { project, model } } },
    byCursor,
  );
}

/** Return an address that is safe to follow: http and https only, nothing that runs. */
export function safeUrl(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  return ["http:", "https:"].includes(new URL(url).protocol) ? url : undefined;
}

/** Split `repository@sha256:…` into what it is and which one it is. */
export function imageParts(image: string): { name: string; digest: string } {
  const [name = "", digest = ""] = image.split("@");
  return { name, digest };
}
