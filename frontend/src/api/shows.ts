import type { paths } from "./schema";

/** What the server announces when it changes. */
export const KINDS = [
  "audit_event",
  "cluster",
  "environment",
  "metrics",
  "model",
  "node",
  "project",
  "rollout",
  "service",
  "token",
  "usage",
] as const;

export type ObjectKind = (typeof KINDS)[number];

export function isKnown(object: string): object is ObjectKind {
  return (KINDS as readonly string[]).includes(object);
}

/** What is measured of whole clusters changes all the time, and nobody waits for one change of it. */
const MEASURED: readonly string[] = ["cluster", "metrics", "node", "usage"] satisfies ObjectKind[];
/** How long a query rests at least after it was fetched, if somebody may wait for what changed, or not. */
export const WATCHED_MS = 250;
export const MEASURED_MS = 5_000;

/** What sums up everything that the reader may see. */
const OF_ALL = ["/api/v1/attention", "/api/v1/projects"];

/** Return how long a query of a path rests at least before a change of a kind has it fetched again. */
export function floorOf(path: string, kind: string): number {
  // On a busy fleet there is always some service whose pods come or go.
  const isOfAll = path.startsWith("/api/v1/fleet/") || OF_ALL.includes(path);
  return MEASURED.includes(kind) || isOfAll ? MEASURED_MS : WATCHED_MS;
}

/** What is only asked for, or is a stream of its own. */
const NOTHING: readonly ObjectKind[] = [];

/**
 * Which kinds of objects each path shows something of: all of them, and no more. A path of the API
 * that is missing here does not compile. Whatever moves a rollout or the pods of a service announces
 * the service, and whatever is reserved or given back announces the environment.
 */
export const SHOWS: Record<keyof paths, readonly ObjectKind[]> = {
  "/api/v1/attention": ["service", "rollout", "environment", "cluster", "metrics"],
  "/api/v1/audit-events": ["audit_event"],
  "/api/v1/clusters": ["cluster"],
  "/api/v1/clusters/{cluster}": ["cluster"],
  "/api/v1/fleet/nodes": ["node", "cluster", "service"],
  "/api/v1/fleet/summary": ["node", "cluster", "service"],
  "/api/v1/fleet/unattributed": ["metrics", "cluster"],
  "/api/v1/me": ["project"],
  "/api/v1/platform": ["cluster"],
  "/api/v1/projects": ["project", "environment", "service", "cluster"],
  "/api/v1/projects/{project}": ["project", "environment", "service", "cluster"],
  "/api/v1/projects/{project}/environments": ["environment", "cluster"],
  "/api/v1/projects/{project}/environments/{environment}": ["environment", "cluster"],
  "/api/v1/projects/{project}/environments/{environment}/pull-credentials": [
    "environment",
    "service",
  ],
  "/api/v1/projects/{project}/environments/{environment}/pull-credentials/{credential}": [
    "environment",
    "service",
  ],
  "/api/v1/projects/{project}/environments/{environment}/quota": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/secrets": ["environment", "service"],
  "/api/v1/projects/{project}/environments/{environment}/secrets/{secret}": [
    "environment",
    "service",
  ],
  "/api/v1/projects/{project}/environments/{environment}/services": ["service", "model", "cluster"],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}": [
    "service",
    "rollout",
    "model",
    "environment",
    "cluster",
  ],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/decommission": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/draft": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/events": ["service"],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/logs": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/pods": ["service"],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/restart": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/restore": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/revisions": [
    "service",
    "rollout",
  ],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollback": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollouts": ["rollout"],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/scale": NOTHING,
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/take-over": NOTHING,
  "/api/v1/projects/{project}/members": ["project"],
  "/api/v1/projects/{project}/members/{username}": ["project"],
  "/api/v1/projects/{project}/models": ["model"],
  "/api/v1/projects/{project}/models/{model}": ["model"],
  "/api/v1/projects/{project}/models/{model}/versions": ["model", "service"],
  "/api/v1/projects/{project}/models/{model}/versions/{version}": ["model", "service"],
  "/api/v1/projects/{project}/delivery": ["rollout"],
  "/api/v1/projects/{project}/preflight": ["environment", "service"],
  "/api/v1/projects/{project}/services": ["service", "model", "cluster"],
  "/api/v1/projects/{project}/environments/{environment}/services/{service}/usage": ["usage"],
  "/api/v1/projects/{project}/summary": ["usage", "service", "environment", "node", "cluster"],
  "/api/v1/projects/{project}/tokens": ["token"],
  "/api/v1/projects/{project}/tokens/{token}": ["token"],
  "/api/v1/search": NOTHING,
  "/api/v1/rollouts": ["rollout"],
  "/api/v1/rollouts/{rollout}": ["rollout", "service", "cluster"],
  "/api/v1/rollouts/{rollout}/abort": NOTHING,
  "/api/v1/rollouts/{rollout}/retry": NOTHING,
  "/api/v1/rollouts/{rollout}/pause": NOTHING,
  "/api/v1/rollouts/{rollout}/promote": NOTHING,
  "/api/v1/rollouts/{rollout}/resume": NOTHING,
};
