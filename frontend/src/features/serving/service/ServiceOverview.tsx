import { DraftPanel } from "../draft/DraftPanel";
import { DriftPanel } from "../drift/DriftPanel";
import type { ServiceProps } from "../types";
import { ServiceSettings } from "./ServiceSettings";

/** First what runs and where it answers, then what differs from it, then what was drafted. */
export function ServiceOverview({ service, path }: ServiceProps) {
  return (
    <>
      <ServiceSettings service={service} path={path} />
      <DriftPanel service={service} path={path} />
      <DraftPanel service={service} path={path} />
    </>
  );
}
