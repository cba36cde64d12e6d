import { describe, expect, it } from "vitest";
import { isCoarse, type Span, stagesOf } from "./stages";

const CLOCK = {
  registered_at: null,
  requested_at: "2026-11-01T10:00:00.400Z",
  admitted_at: "2026-11-01T10:00:00.410Z",
  applied_at: "2026-11-01T10:00:00.600Z",
  scheduled_at: null,
  started_at: null,
  first_ready_at: null,
  finished_at: null,
};

const ROLLOUT = {
  kind: "deploy",
  phase: "Progressing",
  reason: "WaitingForPods",
  clock: CLOCK,
  rolled_back: false,
  desired_replicas: 2,
  ready_replicas: 1,
  from_revision: 1,
} as const;

describe("the stages of a rollout", () => {
  it.each<[string, Partial<Parameters<typeof stagesOf>[0]>, string]>([
    [
      "waits for the first pod",
      {},
      "admitted:done applied:done started:now ready:ahead oldGone:ahead done:ahead",
    ],
    [
      "has no old pods where nothing ran before",
      { from_revision: null },
      "admitted:done applied:done started:now ready:ahead done:ahead",
    ],
    [
      "got no further",
      { phase: "Failed", rolled_back: true },
      "admitted:done applied:done started:stuck ready:ahead oldGone:ahead done:ahead returned:done",
    ],
  ])("%s", (_, part, stages) => {
    const told = stagesOf({ ...ROLLOUT, ...part }).map(({ key, state }) => `${key}:${state}`);
    expect(told.join(" ")).toBe(stages);
  });
});

describe("the clock", () => {
  it.each<[Span["from"], Span["to"], boolean]>([
    ["requested_at", "admitted_at", false],
    ["applied_at", "scheduled_at", true],
    ["first_ready_at", "finished_at", true],
  ])("from %s to %s rests on whole seconds: %s", (from, to, coarse) => {
    expect(isCoarse({ from, to, seconds: 0.4, running: false })).toBe(coarse);
  });
});
