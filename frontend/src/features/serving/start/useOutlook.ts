import { api, type Schemas } from "@/api/client";
import { type Change, changesBetween, toldBy, toldNow } from "../changes/changes";
import type { Revision, Service, Wish } from "../types";
import {
  type Allowance,
  amountsOf,
  ofOnePod,
  type Pods,
  type Preview,
  previewOf,
  sharedBy,
} from "./peak";

interface Asked {
  environment: Schemas["Environment"];
  service: Service | undefined;
  version: string;
  wish: Wish;
}

/** What a rollout would do; each part is undefined while what it rests on is not known. */
export interface Outlook {
  changes: Change[] | undefined;
  preview: Preview | undefined;
  replicas: number;
}

/** Tell what a wish would change and hold, from what the server says of service and quota. */
export function useOutlook({ environment, service, version, wish }: Asked): Outlook {
  const place = { project: environment.project, environment: environment.name };
  const revisions = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/revisions",
    { params: { path: { ...place, service: service?.name ?? "" }, query: { limit: 200 } } },
    { enabled: service?.current_revision != null },
  );
  const current = revisions.data?.results.find((one) => one.is_current);
  const isKnown = service?.current_revision == null || current !== undefined;
  const { replicas, returnsTo } = replicasOf(service, wish);
  if (!isKnown) return { changes: undefined, preview: undefined, replicas };
  const before = service && toldNow(service, current);
  const change = {
    old: oldPods(service, current),
    wanted: { count: replicas, each: ofOnePod(wish.resources.requests ?? {}) },
    held: amountsOf(service?.reserved ?? {}),
    returnsTo,
    strategy: wish.strategy,
    gpuProduct: wish.gpu_product,
    heldProduct: current?.spec.gpu_product ?? "",
  };
  return {
    changes: changesBetween(before, toldBy(wish, version, replicas)),
    preview: previewOf(change, allowanceOf(environment)),
    replicas,
  };
}

/** A number that is not changed leaves a temporary one in force; a new one, or a drafted one, ends it. */
export function replicasOf(service: Service | undefined, wish: Pick<Wish, "replicas">) {
  const isTemporary =
    service?.temporary_replicas != null &&
    wish.replicas === service.replicas &&
    !("replicas" in service.draft);
  return isTemporary
    ? { replicas: service.temporary_replicas ?? 0, returnsTo: service.replicas }
    : { replicas: wish.replicas, returnsTo: 0 };
}

function oldPods(service: Service | undefined, current: Revision | undefined): Pods {
  if (!service) return { count: 0, each: {} };
  if (!current) return sharedBy(service.desired_replicas, amountsOf(service.reserved));
  return { count: service.desired_replicas, each: ofOnePod(current.spec.requests) };
}

function allowanceOf({ headroom, quota }: Schemas["Environment"]): Allowance {
  const products = Object.entries(quota.gpu_products).map(
    ([name, limit]) => [name, limit - (quota.reserved_gpu_products[name] ?? 0)] as const,
  );
  return { headroom: amountsOf(headroom), products: Object.fromEntries(products) };
}
