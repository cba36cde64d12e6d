import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { RolloutDetail } from "../types";
import { RolloutSteps } from "./RolloutSteps";

beforeAll(() => speak("en"));
afterEach(cleanup);

const CANARY = {
  steps: [
    {
      kind: "weight",
      weight: 25,
      seconds: null,
      candidate_replicas: 1,
      running_replicas: 3,
      share: 0.25,
    },
  ],
  step: 0,
  step_started_at: null,
  phase: "Progressing",
  reason: "WaitingForPods",
  desired_replicas: 4,
  from_version: "1",
  to_version: "2",
  traffic: { by: "replica_ratio", share: 0.25, candidate_ready: 1, running_ready: 3 },
} as unknown as RolloutDetail;

function text(change: Partial<RolloutDetail> = {}): string {
  const { container } = render(<RolloutSteps rollout={{ ...CANARY, ...change }} />);
  return container.textContent ?? "";
}

describe("the steps of a rollout", () => {
  it("are nothing where there are none", () => {
    expect(text({ steps: [] })).toBe("");
  });

  it("say what the new version gets, and by what", () => {
    expect(text()).toContain("Version 2 gets 25 % of the requests");
    expect(text()).toContain("Ready: 1 of version 2, 3 of version 1.");
    expect(text()).toContain("open connections stay where they are");
  });

  it("do not take what is not known for nothing", () => {
    const unknown = text({
      traffic: { by: "service_selector", share: null, candidate_ready: 1, running_ready: null },
    });
    expect(unknown).toContain("What version 2 gets of the requests is not known");
    expect(unknown).toContain("unknown of version 1");
    expect(unknown).not.toContain("0 %");
  });

  it("say whom they wait for", () => {
    expect(text({ reason: "AwaitingPromotion", phase: "Paused" })).toContain("waits for a person");
  });
});
