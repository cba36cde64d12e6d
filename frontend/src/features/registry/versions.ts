import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";
import { byCursor, type ListPage } from "@/ui/List";

/** Where a version serves now. */
export interface Place {
  environment: string;
  service: string;
  replicas: number | null;
}

type Untyped = "source" | "metrics" | "labels" | "runs_in";

/** A version, with what the schema calls free-form as the registry writes it. */
export interface ModelVersion extends Omit<Schemas["Version"], Untyped> {
  source: { git_commit?: string; url?: string };
  metrics: Record<string, number>;
  labels: Record<string, string>;
  /** Absent: not known. */
  runs_in?: Place[];
}

/** The versions of a model, newest first. */
export function useVersions(project: string, model: string) {
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/models/{model}/versions",
    { params: { path: { project, model } } },
    byCursor,
  );
  return query as UseInfiniteQueryResult<InfiniteData<ListPage<ModelVersion>>, unknown>;
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
