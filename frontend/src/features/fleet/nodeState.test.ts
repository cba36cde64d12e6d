import { describe, expect, it } from "vitest";
import { gpusOf, servicesByGpus } from "./nodeServices";
import { type FleetNode, type NodeState, nodeStateOf, ownTaints, troublesOf } from "./nodeState";

type Status = "True" | "False" | "Unknown";

function condition(type: string, status: Status): FleetNode["conditions"][number] {
  return { type, status, reason: "", message: "" };
}

const READY = {
  ready: true,
  stale: false,
  unschedulable: false,
  conditions: [condition("Ready", "True"), condition("MemoryPressure", "False")],
};

describe("a node is", () => {
  it.each<[string, Partial<FleetNode>, NodeState]>([
    ["ready", {}, "ready"],
    ["ready, as long as its mirror is new", { stale: true }, "unknown"],
    ["not known when its kubelet is silent", { ready: null }, "unknown"],
    ["not ready", { ready: false }, "notReady"],
    ["not ready before it is cordoned", { ready: false, unschedulable: true }, "notReady"],
    ["cordoned", { unschedulable: true }, "cordoned"],
    ["under pressure", { conditions: [condition("DiskPressure", "True")] }, "troubled"],
    ["ready without a condition", { conditions: [] }, "ready"],
  ])("%s", (_, change, expected) => {
    expect(nodeStateOf({ ...READY, ...change })).toBe(expected);
  });
});

describe("bad news is", () => {
  it.each<[string, Status, boolean]>([
    ["Ready", "True", false],
    ["Ready", "False", true],
    ["Ready", "Unknown", true],
    ["MemoryPressure", "True", true],
    ["MemoryPressure", "False", false],
    // A silent kubelet makes all of them unknown; that it is silent is said once.
    ["MemoryPressure", "Unknown", false],
    ["KernelDeadlock", "True", true],
    ["GpuDriverReady", "True", false],
  ])("%s %s: %s", (type, status, isBad) => {
    expect(troublesOf({ conditions: [condition(type, status)] })).toHaveLength(isBad ? 1 : 0);
  });
});

it("the taints of Kubernetes itself say what the state says already", () => {
  const taint = (key: string) => ({ key, value: "", effect: "NoSchedule" });
  const taints = [taint("node.kubernetes.io/unschedulable"), taint("nvidia.com/gpu")];
  expect(ownTaints({ taints })).toEqual([taint("nvidia.com/gpu")]);
});

it("services come by the cards that they hold, whole or in parts", () => {
  const service = (name: string, requested: Record<string, string>) => ({
    project: "fraud",
    environment: "production",
    service: name,
    pods: 1,
    requested,
  });
  const amounts = { memory: "8Gi", "nvidia.com/gpumem": "3000", "example.com/nic": "4" };
  const parts = { "nvidia.com/gpu": "1", "nvidia.com/mig-1g.5gb": "2", ...amounts };
  const services = [service("cpu", { cpu: "64" }), service("two", { "nvidia.com/gpu": "2" })];
  expect(gpusOf(parts)).toBe(3);
  const ordered = servicesByGpus({ services: [...services, service("three", parts)] });
  expect(ordered.map((one) => one.service)).toEqual(["three", "two", "cpu"]);
});
