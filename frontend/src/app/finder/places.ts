import type { Schemas } from "@/api/client";
import type { ProjectTab } from "@/features/projects/tabs";

/** Where the reader is, as far as the address says. */
export interface Here {
  project?: string;
  environment?: string;
  service?: string;
  model?: string;
}

const SERVICE = /^\/projects\/([^/]+)\/environments\/([^/]+)\/services\/([^/]+)$/;
const MODEL = /^\/projects\/([^/]+)\/models\/([^/]+)$/;
const PROJECT = /^\/projects\/([^/]+)/;

export function hereOf(pathname: string): Here {
  const service = SERVICE.exec(pathname);
  if (service) {
    const [, project = "", environment = "", name = ""] = service;
    return { project, environment, service: name };
  }
  const [, project, model] = MODEL.exec(pathname) ?? PROJECT.exec(pathname) ?? [];
  return { ...(project && { project }), ...(model && { model }) };
}

export const SERVICE_TABS = [
  "overview",
  "pods",
  "events",
  "revisions",
  "logs",
  "rollouts",
] as const;

export function projectHref(project: string, tab: ProjectTab = "summary") {
  return tab === "summary" ? `/projects/${project}` : `/projects/${project}/${tab}`;
}

export function serviceHref({ project, environment, service }: Here, tab?: string): string {
  const path = `/projects/${project}/environments/${environment}/services/${service}`;
  return tab ? `${path}?tab=${tab}` : path;
}

/** Where somebody starts a rollout of what they are looking at. */
export function rollOutHref({ project, environment, service, model }: Here): string {
  const known = { environment, service, model };
  const search = new URLSearchParams(
    Object.entries(known).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  return `/projects/${project}/roll-out${search.size ? `?${search}` : ""}`;
}

/** Where something that was found is shown. */
export function hrefOf({ object, name, ...found }: Schemas["Found"]): string {
  switch (object) {
    case "project":
      return projectHref(name);
    case "service":
      return serviceHref({ ...found, service: name });
    case "model":
      return `/projects/${found.project}/models/${name}`;
    case "version":
      return `/projects/${found.project}/models/${found.model}`;
    case "node":
      return `/fleet?${new URLSearchParams({ cluster: found.cluster, search: name })}`;
  }
}

/** Say where something that was found is. */
export function whereOf({ object, title, ...found }: Schemas["Found"]): string {
  if (object === "project") return title;
  const parts = [found.project, found.environment, found.model, found.cluster];
  return parts.filter(Boolean).join(" / ");
}

/** Keep what has the text in its label, the best fit first: exact, beginning, part. */
export function fitting<T extends { label: string }>(items: T[], text: string): T[] {
  const part = text.trim().toLowerCase();
  const rank = ({ label }: T): number => {
    const name = label.toLowerCase();
    if (name === part) return 0;
    return name.startsWith(part) ? 1 : name.includes(part) ? 2 : 3;
  };
  const ranked = items.map((item) => ({ item, rank: rank(item) })).filter((one) => one.rank < 3);
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}
