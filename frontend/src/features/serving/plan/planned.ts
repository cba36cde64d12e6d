import type { Plan } from "./usePlan";

/** A plan of nothing, for tests. */
export const PLAN: Plan = {
  plan: "a1",
  kind: "deploy",
  from_version: "1",
  to_version: "1",
  from_revision: 1,
  to_revision: null,
  from_replicas: 2,
  desired_replicas: 2,
  stopping_replicas: 0,
  starting_replicas: 0,
  lowest_serving_replicas: 2,
  highest_replicas: 5,
  fit: { verdict: "unknown", reason: "NodesNotChecked", message: "" },
  strategy: { type: "rolling" },
  strategy_reason: "",
  steps: [],
  expected_seconds: null,
  changes: [],
  quota: [],
};
