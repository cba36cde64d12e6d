import { cleanup, render } from "@testing-library/react";
import dayjs from "dayjs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { Language } from "@/lib/preferences";
import type { RolloutDetail } from "../types";
import { RolloutStepper } from "./RolloutStepper";

const AT = "2026-01-01T00:00:05Z";
const CLOCK = {
  registered_at: null,
  requested_at: "2026-01-01T00:00:00Z",
  admitted_at: AT,
  applied_at: AT,
  scheduled_at: null,
  started_at: null,
  first_ready_at: null,
  finished_at: null,
};

function rollout(change: Partial<RolloutDetail>): RolloutDetail {
  return {
    kind: "deploy",
    phase: "Progressing",
    reason: "WaitingForPods",
    clock: CLOCK,
    rolled_back: false,
    desired_replicas: 2,
    ready_replicas: 0,
    ...change,
  } as RolloutDetail;
}

/** Read the steps as they stand on the page: their words, and whether they look done, at work or failed. */
function steps(): [title: string, content: string, look: string][] {
  return [...document.querySelectorAll(".ant-steps-item")].map((step) => [
    step.querySelector(".ant-steps-item-title")?.textContent ?? "",
    step.querySelector(".ant-steps-item-content")?.textContent ?? "",
    /ant-steps-item-(finish|process|error|wait)/.exec(step.className)?.[1] ?? "",
  ]);
}

beforeAll(() => speak("en"));
afterEach(cleanup);

const TIME = dayjs(AT).format("HH:mm:ss");

describe("the stepper says where a rollout is", () => {
  it.each<[string, Partial<RolloutDetail>, string[]]>([
    ["at work", {}, ["Pods started", "now", "process"]],
    ["paused", { phase: "Paused" }, ["Pods started", "paused", "process"]],
    ["failed", { phase: "Failed" }, ["Pods started", "stuck", "error"]],
    ["aborted", { phase: "Aborted" }, ["Pods started", "stuck", "error"]],
    ["done", { phase: "Succeeded" }, ["Pods started", "done", "finish"]],
  ])("%s", (_, change, expected) => {
    render(<RolloutStepper rollout={rollout(change)} />);
    expect(steps()[1]).toEqual(["Applied", TIME, "finish"]);
    expect(steps()[2]).toEqual(expected);
  });

  it.each<[string, Partial<RolloutDetail>, string[]]>([
    ["under way", { phase: "RollingBack" }, ["Rolling back", "now", "process"]],
    ["over", { phase: "Failed", rolled_back: true }, ["Rolled back", "done", "finish"]],
    [
      "failed",
      { phase: "Failed", reason: "RollbackFailed" },
      ["Rollback failed", "stuck", "error"],
    ],
  ])("and the way back: %s", (_, change, expected) => {
    render(<RolloutStepper rollout={rollout(change)} />);
    expect(steps().at(-1)).toEqual(expected);
    expect(steps()[2]?.[2]).toBe("error");
  });

  it("keeps the zone of a time at hand", () => {
    render(<RolloutStepper rollout={rollout({})} />);
    expect(document.querySelector("[title*=UTC]")?.textContent).toBe(TIME);
  });

  it.each<[Language, string]>([
    ["en", "Deleted"],
    ["zh", "删除"],
  ])("in %s", async (language, word) => {
    await speak(language);
    render(<RolloutStepper rollout={rollout({ kind: "decommission" })} />);
    expect(steps()[1]?.[0]).toBe(word);
    expect(steps()).toHaveLength(3);
  });
});
