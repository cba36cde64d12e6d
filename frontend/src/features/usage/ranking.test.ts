import { describe, expect, it } from "vitest";
import { rankedResources, rankServices } from "./ranking";

type Services = Parameters<typeof rankServices>[0];
const GPU = "nvidia.com/gpu";

function service(name: string, resource: string, requested: string | null, used: string | null) {
  const idle = requested && used ? String(Number(requested) - Number(used)) : null;
  const window = { used_peak: used };
  return {
    service: name,
    environment: "production",
    health: "Healthy",
    resources: [{ resource, requested, used, idle, window }],
  } as Services[number];
}

const SERVICES = [
  service("small", GPU, "1", "0"),
  service("busy", GPU, "4", "4"),
  service("silent", GPU, null, null),
  service("none", "cpu", "2", "1"),
];

describe("services are ranked", () => {
  it.each([
    ["requested", ["busy", "small", "silent", "none"]],
    ["idle", ["small", "silent", "busy", "none"]],
  ] as const)("by %s", (rank, expected) => {
    const ranked = rankServices(SERVICES, { resource: GPU, rank });
    expect(ranked.map((one) => one.service)).toEqual(expected);
  });

  it("and keep what is not known", () => {
    const silent = rankServices(SERVICES, { resource: GPU, rank: "idle" })[1];
    expect(silent).toMatchObject({ requested: null, used: null, idle: null });
  });

  it("by what they hold, GPUs first", () => {
    expect(rankedResources(SERVICES)).toEqual([GPU, "cpu", "memory"]);
  });
});
