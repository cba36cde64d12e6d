import { keepPreviousData } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";
import { useSettled } from "@/lib/useSettled";
import type { Wish } from "../types";

/** Long enough to type a number, short enough to wait for. */
const PAUSE_MS = 300;

export type Preflight = Schemas["Preflight"];

interface Asked {
  project: string;
  environment: string;
  /** The name of the service, where it is there. */
  service: string | undefined;
  /** What a rollout would bring. */
  brings: Partial<Wish>;
}

/** Ask whether a rollout would be let in, when nobody has typed for a moment; undefined until known. */
export function usePreflight({ project, ...asked }: Asked): Preflight | undefined {
  const { environment, service, brings } = useSettled(asked, PAUSE_MS);
  const { data } = api.useQuery(
    "post",
    "/api/v1/projects/{project}/preflight",
    {
      params: { path: { project } },
      body: { environment, ...(service && { service }), ...brings },
    },
    { placeholderData: keepPreviousData },
  );
  return data;
}
