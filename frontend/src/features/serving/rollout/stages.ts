import type { Clock, RolloutDetail, RolloutKind } from "../types";

/** What happens in a rollout, one after the other. */
export type StageKey =
  | "admitted"
  | "applied"
  | "started"
  | "ready"
  | "oldGone"
  | "deleted"
  | "done"
  | "returned";

/** How a stage is: `stuck` is where a failed or aborted rollout got no further. */
export type StageState = "done" | "now" | "paused" | "stuck" | "ahead";

export interface Stage {
  key: StageKey;
  state: StageState;
  /** When it was reached, where that is known. */
  at: string | null;
}

const REPLACING: StageKey[] = ["admitted", "applied", "started", "ready", "oldGone", "done"];

export const STAGES_OF: Record<RolloutKind, StageKey[]> = {
  deploy: REPLACING,
  rollback: REPLACING,
  restart: REPLACING,
  scale: ["admitted", "applied", "ready", "done"],
  decommission: ["admitted", "deleted", "done"],
};

type Facts = Pick<
  RolloutDetail,
  | "kind"
  | "phase"
  | "reason"
  | "clock"
  | "rolled_back"
  | "desired_replicas"
  | "ready_replicas"
  | "from_revision"
>;

/** Return what a rollout has behind it, where it stands and what lies ahead. */
export function stagesOf(rollout: Facts): Stage[] {
  const isFirst = rollout.from_revision === null;
  const keys = STAGES_OF[rollout.kind].filter((key) => !(isFirst && key === "oldGone"));
  const isReached = reachedBy(rollout);
  const current = keys.findIndex((key) => !isReached(key));
  const stages = keys.map((key, index): Stage => {
    const isBehind = current === -1 || index < current;
    const state = isBehind ? "done" : index === current ? stateNow(rollout) : "ahead";
    return { key, state, at: isBehind ? reachedAt(key, rollout.clock) : null };
  });
  return [...stages, ...wayBack(rollout)];
}

function stateNow({ phase }: Facts): StageState {
  if (phase === "Paused") return "paused";
  return hasTurned(phase) ? "stuck" : "now";
}

/** Past this point the numbers of a rollout are those of what it returns to. */
function hasTurned(phase: Facts["phase"]): boolean {
  return phase === "RollingBack" || phase === "Failed" || phase === "Aborted";
}

function reachedBy(rollout: Facts): (key: StageKey) => boolean {
  const { clock, phase } = rollout;
  if (phase === "Succeeded") return () => true;
  const areReady =
    !hasTurned(phase) &&
    clock.applied_at !== null &&
    rollout.reason !== "WaitingForObservation" &&
    (rollout.ready_replicas ?? 0) >= rollout.desired_replicas;
  const reached: Record<StageKey, boolean> = {
    admitted: clock.admitted_at !== null,
    applied: clock.applied_at !== null,
    started: clock.started_at !== null || areReady,
    ready: areReady,
    oldGone: false,
    deleted: false,
    done: false,
    returned: false,
  };
  return (key) => reached[key];
}

function reachedAt(key: StageKey, clock: Clock): string | null {
  const times: Partial<Record<StageKey, string | null>> = {
    admitted: clock.admitted_at,
    applied: clock.applied_at,
    started: clock.started_at,
    done: clock.finished_at,
  };
  const at = times[key] ?? null;
  return at && belongsTo(clock, at) ? at : null;
}

/**
 * Return whether a time is this rollout's own: one from before the request is that of pods that stood
 * already, as when scaling. Kubernetes writes times in whole seconds, so the request counts as one.
 */
function belongsTo(clock: Clock, at: string): boolean {
  return Date.parse(at) >= Math.floor(Date.parse(clock.requested_at) / 1000) * 1000;
}

/** Return the stage of going back to what ran before, where a rollout does that. */
function wayBack({ phase, rolled_back, reason, clock }: Facts): Stage[] {
  if (phase === "RollingBack") return [{ key: "returned", state: "now", at: null }];
  if (rolled_back) return [{ key: "returned", state: "done", at: clock.finished_at }];
  if (reason === "RollbackFailed") return [{ key: "returned", state: "stuck", at: null }];
  return [];
}

/** A stretch of a rollout's clock; `seconds` counts up to now while it is `running`. */
export interface Span {
  from: keyof Clock;
  to: keyof Clock;
  seconds: number;
  running: boolean;
}

const MARKS: (keyof Clock)[] = [
  "requested_at",
  "admitted_at",
  "applied_at",
  "scheduled_at",
  "started_at",
  "first_ready_at",
  "finished_at",
];

/** What Kubernetes tells, it tells in whole seconds. */
const COARSE: ReadonlySet<keyof Clock> = new Set(["scheduled_at", "started_at", "first_ready_at"]);

/** Return whether a stretch begins or ends at a time of whole seconds. */
export function isCoarse({ from, to }: Span): boolean {
  return COARSE.has(from) || COARSE.has(to);
}

/** Return the stretches between the marks that are known, first to last. */
export function spansOf(clock: Clock, now: number): Span[] {
  const known: { mark: keyof Clock; at: number }[] = [];
  for (const mark of MARKS) {
    const at = clock[mark];
    if (!at || !belongsTo(clock, at)) continue;
    known.push({ mark, at: Math.max(Date.parse(at), known.at(-1)?.at ?? 0) });
  }
  const spans = known.slice(1).map(({ mark, at }, index): Span => {
    const before = known[index] ?? { mark, at };
    return { from: before.mark, to: mark, seconds: (at - before.at) / 1000, running: false };
  });
  const last = known.at(-1);
  if (!last || clock.finished_at) return spans;
  const seconds = Math.max(0, (now - last.at) / 1000);
  return [...spans, { from: last.mark, to: "finished_at", seconds, running: true }];
}
