import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { within } from "@/testing/page";
import type { AllowedAction, RolloutDetail } from "../types";
import { RolloutVerbs } from "./RolloutVerbs";
import { VersionChange } from "./VersionChange";

beforeAll(() => speak("en"));
afterEach(cleanup);

const refused = (verb: string, message: string) =>
  ({ verb, allowed: false, message }) as AllowedAction;

const STEPS = [{ kind: "weight", weight: 10 }] as RolloutDetail["steps"];

function show(change: Partial<RolloutDetail>): string[] {
  const rollout = {
    id: "r1",
    finished: false,
    actions: [],
    steps: [],
    ...change,
  } as unknown as RolloutDetail;
  render(<RolloutVerbs rollout={rollout} />, { wrapper: within(makeKnown()) });
  return screen
    .queryAllByRole("button")
    .map((button) => button.getAttribute("aria-label") ?? button.textContent ?? "");
}

describe("what can be asked of a rollout", () => {
  it.each<[string, Partial<RolloutDetail>, string[]]>([
    ["that has not begun", { phase: "Pending" }, ["Pause", "Abort"]],
    ["at work", { phase: "Progressing" }, ["Pause", "Abort"]],
    ["that is paused", { phase: "Paused" }, ["Resume", "Abort"]],
    ["that is over", { phase: "Succeeded", finished: true }, []],
    ["that failed", { phase: "Failed", finished: true }, ["Retry"]],
    ["that was aborted", { phase: "Aborted", finished: true }, ["Retry"]],
    [
      "that failed and resolved drift",
      { phase: "Failed", finished: true, actions: [refused("retry", "Look again.")] },
      ["Retry: Look again."],
    ],
    [
      "that goes by steps",
      { phase: "Progressing", steps: STEPS },
      ["Pause", "Promote", "Promote fully", "Abort"],
    ],
    [
      "that waits for a promotion",
      { phase: "Paused", reason: "AwaitingPromotion", steps: STEPS },
      ["Promote", "Promote fully", "Abort"],
    ],
    [
      "that is on its way to a step",
      {
        phase: "Progressing",
        steps: STEPS,
        actions: [refused("promote", "Not yet."), refused("promote_fully", "Past the last.")],
      },
      ["Pause", "Promote: Not yet.", "Promote fully: Past the last.", "Abort"],
    ],
    [
      "that goes back already",
      {
        phase: "RollingBack",
        actions: [refused("abort", "It goes back."), refused("pause", "No.")],
      },
      ["Pause: No.", "Abort: It goes back."],
    ],
    [
      "of which only another verb is refused",
      { phase: "Paused", actions: [refused("pause", "It is paused.")] },
      ["Resume", "Abort"],
    ],
  ])("%s", (_, change, buttons) => {
    expect(show(change)).toEqual(buttons);
  });
});

describe("what a rollout brings", () => {
  type Change = Parameters<typeof VersionChange>[0]["rollout"];
  const DEPLOY: Change = {
    kind: "deploy",
    from_version: "1",
    from_revision: 3,
    to_version: "2",
    to_revision: 4,
    desired_replicas: 2,
  };
  it.each<[string, Partial<Change>, string]>([
    ["another version", {}, "12"],
    ["a first version", { from_version: null, from_revision: null }, "2"],
    ["the same version with other settings", { to_version: "1" }, "1"],
    ["nothing any more", { kind: "decommission", to_version: null }, "1nothing"],
    ["nothing, where nothing was", { from_version: null, to_version: null }, "nothing"],
    ["another number", { kind: "scale" }, "to 2 replicas"],
    ["none", { kind: "scale", desired_replicas: 0 }, "to 0 replicas"],
    ["one", { kind: "scale", desired_replicas: 1 }, "to 1 replica"],
  ])("is %s", (_, change, text) => {
    render(<VersionChange rollout={{ ...DEPLOY, ...change }} />);
    expect(document.body.textContent).toBe(text);
  });

  it("says of which revisions the versions are", () => {
    render(<VersionChange rollout={DEPLOY} />);
    const titles = [...document.querySelectorAll("[title]")].map((one) =>
      one.getAttribute("title"),
    );
    expect(titles).toEqual(["Revision 3", "Revision 4"]);
  });
});
