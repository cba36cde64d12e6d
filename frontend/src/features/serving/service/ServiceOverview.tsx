import { DraftPanel } from "../draft/DraftPanel";
import { DriftPanel } from "../drift/DriftPanel";
import type { ServiceProps } from "../types";
import { RunningNow } from "./RunningNow";
import { ServiceSettings } from "./ServiceSettings";
import { UsageCourses } from "./UsageCourses";
import "./service.css";

/** First what runs and where it answers, then what differs from it, then what was drafted. */
export function ServiceOverview({ service, path }: ServiceProps) {
  return (
    <>
      <RunningNow service={service} path={path} />
      <UsageCourses path={path} />
      <ServiceSettings service={service} path={path} />
      <DriftPanel service={service} path={path} />
      <DraftPanel service={service} path={path} />
    </>
  );
}
