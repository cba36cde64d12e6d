import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import type { Cause, Service } from "../types";
import { ReasonChain } from "./ReasonChain";

const PATH = { project: "fraud", environment: "production", service: "scorer" };

function cause(kind: Cause["kind"], reason: string, change: Partial<Cause> = {}): Cause {
  return {
    kind,
    reason,
    name: "",
    message: "",
    at: null,
    exit_code: null,
    restarts: null,
    ...change,
  };
}

const CRASH = [
  cause("Deployment", "ProgressDeadlineExceeded", { name: "scorer", message: "It took too long." }),
  cause("Pod", "NotReady", { name: "scorer-1" }),
  cause("Container", "CrashLoopBackOff", {
    name: "main",
    message: "back-off 5m0s",
    exit_code: 137,
    restarts: 4,
  }),
];

/** Show what a page shows of a service. */
async function show(change: Partial<Service>): Promise<void> {
  const service = {
    health: "Degraded",
    reason: "NotReady",
    message: "No pod is ready.",
    stale: false,
    drift: [],
    rollout: null,
    causes: [],
    log_hint: null,
    ...change,
  } as unknown as Service;
  const router = createRouter({
    routeTree: createRootRoute({ component: () => <ReasonChain service={service} path={PATH} /> }),
    history: createMemoryHistory(),
  });
  await router.load();
  // The test's router has no routes; pages link by those of the application.
  render(<RouterProvider router={router as never} />);
}

function steps(): string[] {
  return screen
    .queryAllByRole("listitem")
    .map((step) => step.textContent?.replace(/\s+/g, " ").trim() ?? "");
}

beforeAll(() => speak("en"));
afterEach(cleanup);

describe("the reasons, down to the first of them", () => {
  it("are told from the service to the container's exit", async () => {
    await show({ causes: CRASH });
    expect(steps()).toEqual([
      "DeploymentscorerDeadline exceededIt took too long.",
      "└Podscorer-1Not ready",
      "└ContainermainKeeps crashingexit code 1374 restartsback-off 5m0s",
    ]);
  });

  it.each<[string, Cause, string]>([
    [
      "the scheduler's message",
      cause("Pod", "Unschedulable", { message: "0/12 nodes are available: 12 Insufficient GPU." }),
      "PodUnschedulable0/12 nodes are available: 12 Insufficient GPU.Too little GPU is free on the nodes that may take this pod: it waits until some is freed.",
    ],
    [
      "an exit without an error is one too",
      cause("Container", "ContainerExited", { exit_code: 0, restarts: 1 }),
      "ContainerContainer exitedexit code 01 restart",
    ],
    [
      "no restart is not counted",
      cause("Container", "Starting", { restarts: 0 }),
      "ContainerStarting",
    ],
    ["a reason that is new here", cause("Event", "FailedMount"), "EventFailedMount"],
  ])("%s", async (_, one, expected) => {
    await show({ causes: [one] });
    expect(steps()).toEqual([expected]);
  });

  it("say once what a cause above has said", async () => {
    const message = "0/12 nodes are available.";
    await show({
      causes: [
        cause("Rollout", "ProgressDeadlineExceeded", { message: `No progress. ${message}` }),
        cause("Pod", "Unschedulable", { message }),
        cause("Event", "FailedScheduling", { message }),
      ],
    });
    expect(steps()).toEqual([
      "RolloutDeadline exceededNo progress. 0/12 nodes are available.",
      "└PodUnschedulable",
      "└EventFailedScheduling",
    ]);
  });

  it("are told while a rollout is under way, too", async () => {
    await show({ health: "Progressing", causes: CRASH, rollout: {} as Service["rollout"] });
    expect(steps()).toHaveLength(3);
  });

  it("end with what the container said last, and the way to all of it", async () => {
    const entry = { pod: "scorer-1", container: "main", at: null, line: "out of memory" };
    const fetched = vi
      .spyOn(globalThis, "fetch")
      .mockResolvedValue(new Response(`${JSON.stringify(entry)}\n`));
    const log_hint = { pod: "scorer-1", container: "main", previous: true };
    await show({ causes: CRASH, log_hint });
    expect((await screen.findByRole("log")).textContent).toBe("out of memory");
    expect(fetched.mock.calls[0]?.[0]).toContain(
      "pod=scorer-1&tail=20&container=main&previous=true",
    );
    const link = screen.getByRole("link", { name: "Open the full log" });
    expect(link.getAttribute("href")).toBe(
      "/projects/fraud/environments/production/services/scorer?tab=logs&pod=scorer-1&container=main",
    );
  });
});

describe("a service without a chain", () => {
  it.each<[string, Partial<Service>, string, string]>([
    ["is degraded", {}, "error", "Not readyNo pod is ready."],
    ["is not known", { health: "Unknown" }, "warning", "Not readyNo pod is ready."],
    [
      "is stopped, whatever its pods say",
      { health: "Stopped", reason: "ScaledToZero", message: "It has no pods.", causes: CRASH },
      "info",
      "Scaled to zeroIt has no pods.",
    ],
  ])("says its own sentence: it %s", async (_, change, tone, expected) => {
    await show(change);
    const alert = screen.getByRole("alert");
    expect(alert.className).toContain(`ant-alert-${tone}`);
    expect(alert.textContent).toBe(expected);
  });

  it.each<[string, Partial<Service>]>([
    ["is healthy", { health: "Healthy", causes: CRASH }],
    ["is out of date, which the page says above", { stale: true, causes: CRASH }],
    ["is being changed, which the rollout explains", { rollout: {} as Service["rollout"] }],
    ["has no reason", { reason: "" }],
    [
      "differs from what was rolled out, which has a notice of its own",
      { reason: "Drifted", drift: [{}] as Service["drift"] },
    ],
  ])("says nothing where it %s", async (_, change) => {
    await show(change);
    expect(document.body.textContent?.trim()).toBe("");
  });
});
