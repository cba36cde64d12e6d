/** The parts of a project, in their order; each has its address. */
export const PROJECT_TABS = [
  "summary",
  "services",
  "rollouts",
  "delivery",
  "models",
  "environments",
  "access",
  "audit",
] as const;
export type ProjectTab = (typeof PROJECT_TABS)[number];
