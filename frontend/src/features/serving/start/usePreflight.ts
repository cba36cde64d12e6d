import { keepPreviousData } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";
import { useSettled } from "@/lib/useSettled";
import type { Spec } from "../types";

/** Long enough to type a number, short enough to wait for. */
const PAUSE_MS = 300;

export type Preflight = Schemas["Preflight"];

interface Asked {
  project: string;
  environment: string;
  /** The name of the service, where it is there. */
  service: string | undefined;
  /** What a rollout would bring; most of it takes nothing of a quota. */
  brings: Partial<Spec>;
}

/** Ask whether a rollout would be let in, when nobody has typed for a moment; undefined until known. */
export function usePreflight({
  project,
  environment,
  service,
  brings,
}: Asked): Preflight | undefined {
  const { replicas, resources, gpu_product, strategy } = brings;
  const asked = { environment, service, replicas, resources, gpu_product, strategy };
  const body = useSettled(asked, PAUSE_MS);
  const { data } = api.useQuery(
    "post",
    "/api/v1/projects/{project}/preflight",
    { params: { path: { project } }, body },
    { placeholderData: keepPreviousData },
  );
  return data;
}
