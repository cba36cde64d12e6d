import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { NodeLink, PodState } from "./PodParts";
import { nameOf, ResourceAmounts } from "./ResourceAmounts";

type PodFacts = Parameters<typeof PodState>[0]["pod"];

beforeAll(() => speak("en"));
afterEach(cleanup);

const shown = () => document.body.textContent;

describe("how a pod is", () => {
  const POD: PodFacts = { ready: false, terminating: false };
  it.each<[string, Partial<PodFacts>, string | undefined, string]>([
    ["is green only when it is ready", { ready: true }, "success", "Ready"],
    ["is not well when it goes", { ready: true, terminating: true }, undefined, "Terminating"],
    ["is under way while nothing is known of it", {}, "processing", "Not ready"],
    ["is under way while it starts", { reason: "Starting" }, "processing", "Starting"],
    ["is bad when it crashes", { reason: "CrashLoopBackOff" }, "error", "Keeps crashing"],
    ["is bad when no node has room", { reason: "Unschedulable" }, "error", "Unschedulable"],
    ["is bad for a reason that is new here", { reason: "SolarFlare" }, "error", "SolarFlare"],
    ["is ready whatever it was before", { ready: true, reason: "NotReady" }, "success", "Ready"],
  ])("%s", (_, change, colour, word) => {
    render(<PodState pod={{ ...POD, ...change }} />);
    expect(shown()).toBe(word);
    const tag = document.querySelector(".ant-tag")?.className ?? "";
    expect(/ant-tag-(success|processing|error)/.exec(tag)?.[1]).toBe(colour);
  });

  it.each([
    ["node-1", "node-1", "/fleet?search=node-1"],
    [null, "not scheduled", undefined],
    ["", "not scheduled", undefined],
  ])("names its node: %j", async (node, text, href) => {
    await showOnPage(<NodeLink node={node} />, makeKnown());
    expect(shown()).toBe(text);
    expect(document.querySelector("a")?.getAttribute("href")).toBe(href);
  });
});

describe("what pods hold, in one line", () => {
  it.each<[string, Record<string, string>, number, string]>([
    [
      "GPUs first",
      { memory: "4Gi", cpu: "2", "nvidia.com/gpu": "1" },
      1,
      "GPU 1 · CPU 2 · Memory 4 GiB",
    ],
    ["all of them", { cpu: "500m", memory: "1Gi" }, 3, "CPU 1.5 · Memory 3 GiB"],
    ["of slices", { "nvidia.com/mig-1g.5gb": "1" }, 2, "mig-1g.5gb 2"],
    ["that of none is nothing", { cpu: "2" }, 0, "CPU 0"],
    ["nothing", {}, 3, "none"],
  ])("%s", (_, resources, times, text) => {
    render(<ResourceAmounts resources={resources} times={times} />);
    expect(shown()?.replaceAll("\u00a0", " ")).toBe(text);
  });

  it.each([
    ["nvidia.com/gpu", "GPU"],
    ["cpu", "CPU"],
    ["memory", "Memory"],
    ["nvidia.com/mig-1g.5gb", "mig-1g.5gb"],
    ["ephemeral-storage", "ephemeral-storage"],
  ])("%s is called %s", (resource, name) => {
    expect(nameOf(resource, "Memory")).toBe(name);
  });
});
