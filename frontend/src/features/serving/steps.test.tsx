import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { StepList } from "./StepList";
import { endOfPause, type ShownStep, stepStates, stepsInShort } from "./steps";
import type { RolloutDetail } from "./types";

beforeAll(() => speak("en"));
afterEach(cleanup);

const WEIGHT: ShownStep = {
  kind: "weight",
  weight: 10,
  seconds: null,
  candidate_replicas: 1,
  running_replicas: 9,
  share: 0.1,
};
const WAIT: ShownStep = { ...WEIGHT, kind: "pause", seconds: 300 };
const PAUSE: ShownStep = { ...WEIGHT, kind: "pause" };

function lines(): string[] {
  return screen.getAllByRole("listitem").map((item) => item.textContent ?? "");
}

describe("steps", () => {
  it("are read with the pods of both sides, and the end after them", () => {
    render(<StepList steps={[WEIGHT, PAUSE, WAIT]} replicas={10} />);
    expect(lines()).toEqual([
      "110 % of the requests 1 new, 9 old pods",
      "2Pause until somebody promotes",
      "3Pause of 5 min",
      "4All requests: 10 new pods",
    ]);
  });

  it("say where the pods cannot give what was asked for", () => {
    render(
      <StepList
        steps={[{ ...WEIGHT, candidate_replicas: 1, running_replicas: 1, share: 0.5 }]}
        replicas={2}
      />,
    );
    expect(lines()[0]).toContain("so many pods give 50 %");
  });

  it("begin, in blue-green, with new pods that get nothing", () => {
    render(<StepList steps={[{ ...WEIGHT, weight: 0, share: 0 }]} replicas={2} />);
    expect(lines()[0]).toContain("New pods beside the old ones, without requests");
  });

  it("mark where a rollout stands, and say more only there", () => {
    render(
      <StepList
        steps={[WEIGHT, PAUSE]}
        replicas={10}
        states={["done", "now", "ahead"]}
        now="It waits."
      />,
    );
    const current = screen.getByText("It waits.").closest("li");
    expect(current?.getAttribute("aria-current")).toBe("step");
    expect(screen.getAllByText("It waits.")).toHaveLength(1);
  });

  it.each<[string, Partial<RolloutDetail>, string[]]>([
    ["at the first", { step: 0 }, ["now", "ahead", "ahead"]],
    ["at the second", { step: 1 }, ["done", "now", "ahead"]],
    ["past the last", { step: 2 }, ["done", "done", "now"]],
    ["at its end", { step: 2, phase: "Succeeded" }, ["done", "done", "done"]],
  ])("of a rollout %s", (_, change, states) => {
    const rollout = { steps: [WEIGHT, PAUSE], phase: "Progressing", ...change } as RolloutDetail;
    expect(stepStates(rollout)).toEqual(states);
  });

  it.each<[string, Partial<RolloutDetail>, string | undefined]>([
    ["when its time is over", {}, "2026-12-01T10:05:00.000Z"],
    ["by a person", { reason: "AwaitingPromotion" }, undefined],
    ["at a moment that is not known", { step_started_at: null }, undefined],
  ])("end a pause %s", (_, change, end) => {
    const rollout = {
      steps: [WEIGHT, WAIT],
      step: 1,
      reason: "StepPause",
      step_started_at: "2026-12-01T10:00:00Z",
      ...change,
    } as RolloutDetail;
    expect(endOfPause(rollout)).toBe(end);
  });

  it("are short in a list of changes", () => {
    const stated = [{ weight: 10 }, { pause: "5m" }, { weight: 50 }, { pause: null }];
    expect(stepsInShort(stated)).toBe("10 % → pause 5m → 50 % → pause");
  });
});
