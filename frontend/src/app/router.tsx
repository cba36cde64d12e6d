import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from "@tanstack/react-router";
import { CLUSTERS } from "@/api/clusters";
import { ME } from "@/api/me";
import { asProblem } from "@/api/problem";
import { makeQueryClient } from "@/api/queries";
import { summaryOf } from "@/features/usage/queries";
import { keepFor } from "@/lib/kept";
import { Shell } from "./Shell";

/** What the server said, until it says something else. */
export const queries = makeQueryClient(() => {
  const { pathname, href } = router.state.location;
  if (pathname !== "/login") void router.navigate({ to: "/login", search: { next: href } });
});

type Search = Record<string, unknown>;

function text(search: Search, name: string): string | undefined {
  const value = search[name];
  // The router has read what looks like a number or a truth; here it is a name.
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}

/** Keep these texts of an address; what else it carries is dropped. */
function texts<Name extends string>(...names: Name[]) {
  return (search: Search): { [Key in Name]?: string } => {
    const kept: Record<string, string> = {};
    for (const name of names) {
      const value = text(search, name);
      if (value) kept[name] = value;
    }
    return kept as { [Key in Name]?: string };
  };
}

const root = createRootRoute({ component: Outlet });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: texts("next"),
  component: lazyRouteComponent(() => import("@/features/accounts/SignInPage"), "SignInPage"),
});

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  // Not `beforeLoad`: the code of the pages below is fetched at the same time.
  loader: async ({ location }) => {
    try {
      // The banner that they may need would push everything below it down if it came later.
      const clusters = queries.ensureQueryData(CLUSTERS).catch(() => undefined);
      const [me] = await Promise.all([queries.ensureQueryData(ME), clusters]);
      keepFor(me.username);
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
      throw redirect({ to: "/login", search: { next: location.href } });
    }
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("./HomePage"), "HomePage"),
});

const projects = createRoute({
  getParentRoute: () => app,
  path: "/projects",
  validateSearch: texts("search", "ordering"),
  component: lazyRouteComponent(() => import("@/features/projects/ProjectsPage"), "ProjectsPage"),
});

const project = createRoute({
  getParentRoute: () => app,
  path: "/projects/$project",
  component: lazyRouteComponent(() => import("@/features/projects/ProjectLayout"), "ProjectLayout"),
});

const summarySearch = texts(
  ...(["window", "from", "to", "compare", "environment", "resource", "rank"] as const),
);
const summary = createRoute({
  getParentRoute: () => project,
  path: "/",
  validateSearch: summarySearch,
  loaderDeps: ({ search }) => search,
  loader: ({ params, deps }) => void queries.prefetchQuery(summaryOf(params.project, deps)),
  component: lazyRouteComponent(() => import("./ProjectPage"), "ProjectPage"),
});

const services = createRoute({
  getParentRoute: () => project,
  path: "/services",
  validateSearch: texts("search", "environment", "health", "ordering"),
  component: lazyRouteComponent(
    () => import("@/features/serving/service/ServicesPage"),
    "ServicesPage",
  ),
});

const OF_ROLLOUTS = [
  "environment",
  "service",
  "kind",
  "phase",
  "started_by",
  "since",
  "until",
  "ordering",
] as const;
const projectRollouts = createRoute({
  getParentRoute: () => project,
  path: "/rollouts",
  validateSearch: texts(...OF_ROLLOUTS),
  component: lazyRouteComponent(
    () => import("@/features/serving/rollout/RolloutsPage"),
    "ProjectRollouts",
  ),
});

const delivery = createRoute({
  getParentRoute: () => project,
  path: "/delivery",
  validateSearch: texts("window"),
  component: lazyRouteComponent(
    () => import("@/features/serving/delivery/DeliveryPage"),
    "DeliveryPage",
  ),
});

const models = createRoute({
  getParentRoute: () => project,
  path: "/models",
  validateSearch: texts("search", "ordering"),
  component: lazyRouteComponent(() => import("@/features/registry/ModelsPage"), "ModelsPage"),
});

const environments = createRoute({
  getParentRoute: () => project,
  path: "/environments",
  component: lazyRouteComponent(
    () => import("@/features/projects/EnvironmentsPage"),
    "EnvironmentsPage",
  ),
});

const secrets = createRoute({
  getParentRoute: () => project,
  path: "/environments/$environment/secrets",
  component: lazyRouteComponent(
    () => import("@/features/projects/secrets/SecretsPage"),
    "SecretsPage",
  ),
});

const access = createRoute({
  getParentRoute: () => project,
  path: "/access",
  component: lazyRouteComponent(() => import("@/features/accounts/AccessPage"), "AccessPage"),
});

const audit = createRoute({
  getParentRoute: () => project,
  path: "/audit",
  validateSearch: texts(
    ...(["actor", "action", "object_kind", "object_id", "since", "until", "event"] as const),
  ),
  component: lazyRouteComponent(() => import("@/features/projects/AuditPage"), "AuditPage"),
});

const model = createRoute({
  getParentRoute: () => app,
  path: "/projects/$project/models/$model",
  validateSearch: texts("ordering"),
  component: lazyRouteComponent(() => import("@/features/registry/ModelPage"), "ModelPage"),
});

const rollOut = createRoute({
  getParentRoute: () => app,
  path: "/projects/$project/roll-out",
  validateSearch: texts("environment", "service", "create", "model", "version"),
  component: lazyRouteComponent(
    () => import("@/features/serving/start/StartRolloutPage"),
    "StartRolloutPage",
  ),
});

const service = createRoute({
  getParentRoute: () => app,
  path: "/projects/$project/environments/$environment/services/$service",
  validateSearch: texts(
    "tab",
    "from",
    "to",
    // Which events are shown.
    "type",
    "reason",
    "object",
    "search",
    // What is read of the logs, and how it is shown.
    "pod",
    "container",
    "tail",
    "since",
    "previous",
    "follow",
    "find",
    "only",
    "level",
    "times",
    "wrap",
    "line",
  ),
  component: lazyRouteComponent(
    () => import("@/features/serving/service/ServicePage"),
    "ServicePage",
  ),
});

const rollouts = createRoute({
  getParentRoute: () => app,
  path: "/rollouts",
  validateSearch: texts("project", ...OF_ROLLOUTS),
  component: lazyRouteComponent(
    () => import("@/features/serving/rollout/RolloutsPage"),
    "RolloutsPage",
  ),
});

const rollout = createRoute({
  getParentRoute: () => app,
  path: "/rollouts/$rollout",
  component: lazyRouteComponent(
    () => import("@/features/serving/rollout/RolloutPage"),
    "RolloutPage",
  ),
});

const fleet = createRoute({
  getParentRoute: () => app,
  path: "/fleet",
  validateSearch: texts("cluster", "gpu_product", "ready", "search", "ordering"),
  component: lazyRouteComponent(() => import("@/features/fleet/FleetPage"), "FleetPage"),
});

const platform = createRoute({
  getParentRoute: () => app,
  path: "/platform",
  component: lazyRouteComponent(() => import("@/features/platform/PlatformPage"), "PlatformPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    app.addChildren([
      home,
      projects,
      project.addChildren([
        summary,
        services,
        projectRollouts,
        delivery,
        models,
        environments,
        secrets,
        access,
        audit,
      ]),
      model,
      rollOut,
      service,
      rollouts,
      rollout,
      fleet,
      platform,
    ]),
  ]),
  defaultErrorComponent: lazyRouteComponent(() => import("./Broken"), "Broken"),
  defaultNotFoundComponent: lazyRouteComponent(() => import("./Broken"), "NotFound"),
  defaultPreload: "intent",
  // What stands in an address is text: version 1.10 is not the number 1.1.
  parseSearch: parseSearchWith((text) => text),
  stringifySearch: stringifySearchWith(String),
  // A page hands what it reads of its address to the API, so it reads what it knows and no more.
  search: { strict: true },
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
