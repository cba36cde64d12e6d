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
  /** The version that is chosen, if one is. */
  version: string | undefined;
  /** The settings that a rollout would bring. */
  brings: Partial<Spec>;
}

/** Ask whether a rollout would be let in, when nobody has typed for a moment; undefined until known. */
export function usePreflight({
  project,
  environment,
  service,
  version,
  brings,
}: Asked): Preflight | undefined {
  const body = useSettled({ environment, service, version, ...brings }, PAUSE_MS);
  const { data } = api.useQuery(
    "post",
    "/api/v1/projects/{project}/preflight",
    { params: { path: { project } }, body },
    { placeholderData: keepPreviousData },
  );
  return data;
}
