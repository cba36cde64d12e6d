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

type Environments = Parameters<typeof rankServices>[1]["environments"];
const ENVIRONMENTS = [
  { environment: "production", cluster: "c", resources: [{ resource: "cpu", requested: "7" }] },
] as Environments;
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
    const ranked = rankServices(SERVICES, { environments: ENVIRONMENTS, resource: GPU, rank });
    expect(ranked.map((one) => one.service)).toEqual(expected);
  });

  it("and keep what is not known", () => {
    const order = { environments: ENVIRONMENTS, resource: GPU, rank: "idle" } as const;
    const silent = rankServices(SERVICES, order)[1];
    expect(silent).toMatchObject({ requested: null, used: null, idle: null });
  });

  it("and say whose use is a part of shared cards", () => {
    const [line] = service("part", GPU, "1", "0.25").resources;
    const part = { ...service("part", GPU, "1", "0.25"), resources: [{ ...line, shared: true }] };
    const services = [part, ...SERVICES] as Services;
    const order = { environments: ENVIRONMENTS, resource: GPU, rank: "idle" } as const;
    const shared = rankServices(services, order).filter(({ isShared }) => isShared);
    expect(shared.map((one) => one.service)).toEqual(["part"]);
  });

  it.each<[string, Environments, number | null]>([
    ["nothing where its environment is known", ENVIRONMENTS, 0],
    ["not known where its environment is not", [], null],
  ])("with what is not said as %s", (_, environments, requested) => {
    const ranked = rankServices(SERVICES, { environments, resource: GPU, rank: "requested" });
    expect(ranked.find((one) => one.service === "none")?.requested).toBe(requested);
  });

  it("by what they hold, GPUs first", () => {
    expect(rankedResources(SERVICES)).toEqual([GPU, "cpu", "memory"]);
  });

  it.each<[string, Services, string[]]>([
    [
      "those that only use it are not asked for",
      [service("a", "ephemeral-storage", null, "1")],
      [],
    ],
    ["devices are, though nobody says how many", [service("a", GPU, null, "1")], [GPU]],
    ["each once", [service("a", GPU, "1", "1"), service("b", GPU, "2", "1")], [GPU]],
    ["none", [], []],
  ])("besides CPU and memory: %s", (_, services, names) => {
    expect(rankedResources(services)).toEqual([...names, "cpu", "memory"]);
  });

  it("of equals by their names", () => {
    const equal = ["c", "a", "b"].map((name) => service(name, "cpu", "1", "1"));
    const order = { environments: ENVIRONMENTS, resource: "cpu", rank: "requested" } as const;
    expect(rankServices(equal, order).map((one) => one.service)).toEqual(["a", "b", "c"]);
  });

  it("and leaves the list that was fetched as it is", () => {
    const services = [service("b", "cpu", "1", "1"), service("a", "cpu", "2", "1")];
    rankServices(services, { environments: ENVIRONMENTS, resource: "cpu", rank: "requested" });
    expect(services.map((one) => one.service)).toEqual(["b", "a"]);
  });
});
