import { describe, expect, it } from "vitest";
import { tookSeconds } from "../took";
import type { Clock } from "../types";
import { isCoarse, type Span, type StageState, spansOf, stagesOf } from "./stages";

type Facts = Parameters<typeof stagesOf>[0];

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

const UNTOUCHED: Clock = {
  registered_at: null,
  requested_at: at(0),
  admitted_at: null,
  applied_at: null,
  scheduled_at: null,
  started_at: null,
  first_ready_at: null,
  finished_at: null,
};
const ADMITTED = { ...UNTOUCHED, admitted_at: at(1) };
const APPLIED = { ...ADMITTED, applied_at: at(2) };
const STARTED = { ...APPLIED, scheduled_at: at(3), started_at: at(5) };
const FINISHED = { ...STARTED, first_ready_at: at(6), finished_at: at(9) };

function rollout(change: Partial<Facts>): Facts {
  return {
    kind: "deploy",
    phase: "Progressing",
    reason: "WaitingForPods",
    clock: STARTED,
    rolled_back: false,
    desired_replicas: 2,
    ready_replicas: 0,
    from_revision: 1,
    ...change,
  };
}

/** Write stages in short: `admitted done, applied now`. */
function inShort(facts: Facts): string {
  const short: Record<StageState, string> = {
    done: "+",
    now: ">",
    paused: "=",
    stuck: "!",
    ahead: "",
  };
  return stagesOf(facts)
    .map(({ key, state }) => short[state] + key)
    .join(" ");
}

const READY = { ready_replicas: 2, reason: "WaitingForOldPods" } as const;

describe("the stages of a deployment (+ done, > now, = paused, ! stuck)", () => {
  it.each<[string, Partial<Facts>, string]>([
    [
      "asked for",
      { phase: "Pending", clock: UNTOUCHED },
      ">admitted applied started ready oldGone done",
    ],
    [
      "admitted",
      { phase: "Pending", clock: ADMITTED },
      "+admitted >applied started ready oldGone done",
    ],
    ["applied", { clock: APPLIED }, "+admitted +applied >started ready oldGone done"],
    ["pods started", {}, "+admitted +applied +started >ready oldGone done"],
    ["half ready", { ready_replicas: 1 }, "+admitted +applied +started >ready oldGone done"],
    ["all ready, old ones remain", READY, "+admitted +applied +started +ready >oldGone done"],
    [
      "old pods being ready is not done",
      { clock: APPLIED, ready_replicas: 2, reason: "WaitingForObservation" },
      "+admitted +applied >started ready oldGone done",
    ],
    [
      "ready pods of before it was applied do not count",
      { clock: ADMITTED, ready_replicas: 2 },
      "+admitted >applied started ready oldGone done",
    ],
    [
      "ready, though nobody saw its pods start",
      { ...READY, clock: APPLIED },
      "+admitted +applied +started +ready >oldGone done",
    ],
    [
      "where nothing ran before, no old pods have to go",
      { from_revision: null },
      "+admitted +applied +started >ready done",
    ],
    ["paused", { phase: "Paused" }, "+admitted +applied +started =ready oldGone done"],
    [
      "paused before anything was applied",
      { phase: "Paused", clock: ADMITTED },
      "+admitted =applied started ready oldGone done",
    ],
    [
      "done",
      { phase: "Succeeded", clock: FINISHED },
      "+admitted +applied +started +ready +oldGone +done",
    ],
    [
      "done, though pods left since",
      { phase: "Succeeded", clock: FINISHED, ready_replicas: 0 },
      "+admitted +applied +started +ready +oldGone +done",
    ],
    [
      "failed without a way back",
      { phase: "Failed", clock: FINISHED },
      "+admitted +applied +started !ready oldGone done",
    ],
    [
      "failed before it was admitted",
      { phase: "Failed", clock: UNTOUCHED },
      "!admitted applied started ready oldGone done",
    ],
    [
      "rolling back: what is ready is what ran before",
      { phase: "RollingBack", ready_replicas: 2 },
      "+admitted +applied +started !ready oldGone done >returned",
    ],
    [
      "failed and rolled back",
      {
        phase: "Failed",
        reason: "RolledBack",
        rolled_back: true,
        ready_replicas: 2,
        clock: FINISHED,
      },
      "+admitted +applied +started !ready oldGone done +returned",
    ],
    [
      "failed, and so did the way back",
      { phase: "Failed", reason: "RollbackFailed", clock: FINISHED },
      "+admitted +applied +started !ready oldGone done !returned",
    ],
    [
      "aborted and returned",
      { phase: "Aborted", reason: "AbortedByUser", rolled_back: true, clock: FINISHED },
      "+admitted +applied +started !ready oldGone done +returned",
    ],
    [
      "aborted, nothing to return to",
      { phase: "Aborted", reason: "AbortedByUser", clock: APPLIED },
      "+admitted +applied !started ready oldGone done",
    ],
  ])("%s", (_, change, expected) => {
    expect(inShort(rollout(change))).toBe(expected);
  });
});

describe("the stages of other changes", () => {
  it.each<[string, Partial<Facts>, string]>([
    ["a rollback", { kind: "rollback" }, "+admitted +applied +started >ready oldGone done"],
    ["a restart", { kind: "restart" }, "+admitted +applied +started >ready oldGone done"],
    ["scaling up", { kind: "scale", clock: APPLIED }, "+admitted +applied >ready done"],
    ["scaling down", { kind: "scale", ready_replicas: 4 }, "+admitted +applied +ready >done"],
    [
      "scaling to nothing",
      { kind: "scale", desired_replicas: 0 },
      "+admitted +applied +ready >done",
    ],
    ["scaled", { kind: "scale", phase: "Succeeded" }, "+admitted +applied +ready +done"],
    ["scaling failed", { kind: "scale", phase: "Failed" }, "+admitted +applied !ready done"],
    ["decommissioning", { kind: "decommission" }, "+admitted >deleted done"],
    ["decommissioned", { kind: "decommission", phase: "Succeeded" }, "+admitted +deleted +done"],
    [
      "decommissioning failed",
      { kind: "decommission", phase: "Failed" },
      "+admitted !deleted done",
    ],
  ])("%s", (_, change, expected) => {
    expect(inShort(rollout(change))).toBe(expected);
  });
});

describe("when a stage was reached", () => {
  it("is known of what the clock marks", () => {
    const stages = stagesOf(rollout({ phase: "Succeeded", clock: FINISHED }));
    expect(stages.map((stage) => stage.at)).toEqual([at(1), at(2), at(5), null, null, at(9)]);
  });

  it("is not said of what lies ahead, nor of pods that stood before it was asked for", () => {
    const clock = { ...STARTED, requested_at: at(100), admitted_at: at(101), applied_at: at(102) };
    const stages = stagesOf(rollout({ clock }));
    expect(stages.map((stage) => stage.at)).toEqual([at(101), at(102), null, null, null, null]);
  });

  it("of the way back is when the rollout ended", () => {
    const stages = stagesOf(rollout({ phase: "Failed", rolled_back: true, clock: FINISHED }));
    expect(stages.at(-1)).toEqual({ key: "returned", state: "done", at: at(9) });
  });
});

describe("the clock", () => {
  const now = Date.parse(at(60));
  const inSeconds = (clock: Clock) =>
    spansOf(clock, now).map(({ to, seconds, running }) => `${to} ${seconds}${running ? "…" : ""}`);

  it.each<[string, Clock, string[]]>([
    ["asked for", UNTOUCHED, ["finished_at 60…"]],
    ["admitted", ADMITTED, ["admitted_at 1", "finished_at 59…"]],
    [
      "finished",
      FINISHED,
      [
        "admitted_at 1",
        "applied_at 1",
        "scheduled_at 1",
        "started_at 2",
        "first_ready_at 1",
        "finished_at 3",
      ],
    ],
    [
      "clocks that disagree never run backwards",
      { ...ADMITTED, applied_at: at(0.5), finished_at: at(4) },
      ["admitted_at 1", "applied_at 0", "finished_at 3"],
    ],
    [
      "Kubernetes writes whole seconds",
      { ...UNTOUCHED, requested_at: at(2.7), scheduled_at: at(2), finished_at: at(3) },
      ["scheduled_at 0", "finished_at 0.3"],
    ],
  ])("%s", (_, clock, expected) => {
    expect(inSeconds(clock)).toEqual(expected);
  });

  it("counts up to now until it is finished", () => {
    expect(tookSeconds(STARTED, now)).toBe(60);
    expect(tookSeconds(FINISHED, now)).toBe(9);
  });

  it.each<[Span["from"], Span["to"], boolean]>([
    ["requested_at", "admitted_at", false],
    ["applied_at", "scheduled_at", true],
    ["first_ready_at", "finished_at", true],
  ])("from %s to %s rests on whole seconds: %s", (from, to, coarse) => {
    expect(isCoarse({ from, to, seconds: 0.4, running: false })).toBe(coarse);
  });
});
