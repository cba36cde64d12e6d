import { Skeleton } from "antd";
import { DraftPanel } from "../draft/DraftPanel";
import { DriftPanel } from "../drift/DriftPanel";
import type { ServiceProps } from "../types";
import { RunningNow, useNewest } from "./RunningNow";
import { useEnvironment } from "./ServiceEndpoint";
import { ServiceSettings } from "./ServiceSettings";
import { UsageCourses, useUsage } from "./UsageCourses";
import "./service.css";

/** First what runs and where it answers, then what differs from it, then what was drafted. */
export function ServiceOverview({ service, path }: ServiceProps) {
  const parts = [useNewest(path), useUsage(path), useEnvironment(path)];
  // Together: each pushes down what is below it.
  if (parts.some((part) => part.isLoading)) return <Skeleton active />;
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
