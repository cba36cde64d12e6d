import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { NodeBar } from "./NodeBar";
import { NodeStateCell } from "./NodeState";
import type { FleetNode } from "./nodeState";

const GPU = "nvidia.com/gpu";
const NODE = {
  name: "node-1",
  ready: true,
  stale: false,
  unschedulable: false,
  conditions: [],
  taints: [],
  observed_at: null,
  capacity: { cpu: "8", memory: "16Gi", [GPU]: "4", "nvidia.com/mig-1g.5gb": "7" },
  allocatable: { cpu: "7500m", memory: "15Gi", [GPU]: "4", "nvidia.com/mig-1g.5gb": "7" },
  requested: { cpu: "2500m", [GPU]: "1" },
} as unknown as FleetNode;

beforeAll(() => speak("en"));
afterEach(cleanup);

const shown = () => document.body.textContent?.replace(/\s+/g, " ").trim();
const label = () => screen.getByRole("img").getAttribute("aria-label");

describe("what is asked of a node", () => {
  it.each<[string, string, Partial<FleetNode>, string, string]>([
    ["cores", "cpu", {}, "2.5 / 7.5 cores", "CPU: 2.5 cores requested of 7.5 cores"],
    ["nothing of it", "memory", {}, "0 / 15 GiB", "Memory: 0 requested of 15 GiB"],
    ["cards", GPU, {}, "1 / 4", "nvidia.com/gpu: 1 requested of 4"],
    [
      "slices, by their name",
      "nvidia.com/mig-1g.5gb",
      {},
      "0 / 7 mig-1g.5gb",
      "nvidia.com/mig-1g.5gb: 0 requested of 7",
    ],
    [
      "what an old mirror does not know",
      "cpu",
      { stale: true },
      "? / 7.5 cores",
      "CPU: unknown requested of 7.5 cores",
    ],
  ])("is said of %s", (_, resource, change, text, words) => {
    render(<NodeBar node={{ ...NODE, ...change }} resource={resource} />);
    expect(shown()).toBe(text);
    expect(label()).toBe(words);
  });

  it("is hatched where it is not known", () => {
    render(<NodeBar node={{ ...NODE, stale: true }} resource="cpu" />);
    expect(screen.getByRole("img").className).toContain("is-unknown");
  });

  it.each<[string, string, Record<string, string>, boolean]>([
    ["some are", GPU, { [GPU]: "3" }, true],
    ["all are", GPU, {}, true],
    ["none is", GPU, { [GPU]: "4" }, false],
    ["a node keeps some CPU for itself", "cpu", { cpu: "7" }, false],
  ])("leaves out cards that are unhealthy: %s", (_, resource, allocatable, expected) => {
    render(<NodeBar node={{ ...NODE, allocatable }} resource={resource} />);
    expect(document.querySelector(".ant-typography-danger") !== null).toBe(expected);
  });
});

describe("how a node is, is said", () => {
  const tags = () =>
    [...document.querySelectorAll(".ant-tag")].map((tag) => [
      /ant-tag-(success|warning|error)/.exec(tag.className)?.[1],
      tag.textContent,
    ]);

  it.each<[string, Partial<FleetNode>, [string, string][]]>([
    ["ready", {}, [["success", "Ready"]]],
    ["not known of an old mirror", { stale: true }, [["warning", "Unknown"]]],
    ["not known of a silent kubelet", { ready: null }, [["warning", "Unknown"]]],
    ["cordoned", { unschedulable: true }, [["warning", "Cordoned"]]],
    [
      "not ready, and cordoned besides",
      { ready: false, unschedulable: true },
      [
        ["error", "Not ready"],
        ["warning", "Cordoned"],
      ],
    ],
  ])("%s", (_, change, expected) => {
    render(<NodeStateCell node={{ ...NODE, ...change }} />);
    expect(tags()).toEqual(expected);
  });

  it("with its taints, but not those that say the same", () => {
    const taint = (key: string, value: string) => ({ key, value, effect: "NoSchedule" });
    const taints = [taint("node.kubernetes.io/not-ready", ""), taint(GPU, ""), taint("a", "b")];
    render(<NodeStateCell node={{ ...NODE, taints }} />);
    const codes = [...document.querySelectorAll("code")].map((one) => one.textContent);
    expect(codes).toEqual([`${GPU}:NoSchedule`, "a=b:NoSchedule"]);
  });
});
