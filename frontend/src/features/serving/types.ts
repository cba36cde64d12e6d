import type { Schemas } from "@/api/client";

export type RolloutKind = Schemas["RolloutKind"];
export type Clock = Schemas["Clock"];
export type Revision = Schemas["Revision"];
export type Cause = Schemas["Cause"];
export type LogHint = Schemas["LogHint"];
/** Whether somebody may do something now, and why not. */
export type AllowedAction = Schemas["AllowedAction"];
export type Rollout = Schemas["Rollout"];
export type RolloutDetail = Schemas["RolloutDetail"];
export type StartedRollout = Schemas["StartedRollout"];
export type RolloutPod = Schemas["RolloutPod"];
export type Pod = Schemas["Pod"];
export type Container = Schemas["Container"];
export type LastLines = Schemas["LastLines"];
export type ListedService = Schemas["Service"];
export type Service = Schemas["ServiceDetail"];
/** What a rollout applies besides the version, as the API takes it. */
export type Spec = Required<
  Omit<Schemas["RolloutStartRequest"], "version" | "reason" | "dry_run" | "plan">
>;

/** Where a service is: what every address below it is made of. */
export interface ServicePath {
  project: string;
  environment: string;
  service: string;
}

/** What everything on the page of a service is given: how the service is, and where. */
export interface ServiceProps {
  service: Service;
  path: ServicePath;
}

/** What a dialog about a service is given. */
export interface DialogProps extends ServiceProps {
  onClose: () => void;
}
