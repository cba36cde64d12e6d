import { describe, expect, it } from "vitest";
import { hasMore, rankedResources, rankedServices } from "./ranking";

type Summary = Parameters<typeof rankedServices>[0];
const GPU = "nvidia.com/gpu";

function line(resource: string, requested: string | null, used: string | null = null) {
  const idle = requested && used ? String(Number(requested) - Number(used)) : null;
  return { resource, requested, used, idle, window: { used_peak: used }, shared: false };
}

function service(name: string, ...resources: ReturnType<typeof line>[]) {
  return { service: name, environment: "production", health: "Healthy", resources };
}

/** A summary of what an environment requests, with services that rank by a resource. */
function summary(
  resource: string,
  requested: ReturnType<typeof line>[],
  services: ReturnType<typeof service>[] = [],
) {
  const environments = [{ environment: "production", cluster: "c", resources: requested }];
  const ranking = { resource, rank: "requested", total: services.length, next: null };
  return { environments, services, ranking } as unknown as Summary;
}

const KNOWN = [line("cpu", "7")];
const UNKNOWN = [line("cpu", null)];

describe("ranked services", () => {
  it("stand in the order in which the server gives them, with what they hold", () => {
    const services = [service("b", line(GPU, "4", "1")), service("a", line(GPU, "1", "1"))];
    const ranked = rankedServices(summary(GPU, KNOWN, services));
    expect(ranked.map((one) => one.service)).toEqual(["b", "a"]);
    expect(ranked[0]).toMatchObject({ requested: 4, used: 1, idle: 3, usedPeak: 1 });
  });

  it("keep what is not known", () => {
    const services = [service("silent", line(GPU, null))];
    const [silent] = rankedServices(summary(GPU, UNKNOWN, services));
    expect(silent).toMatchObject({ requested: null, used: null, idle: null });
  });

  it.each([
    ["use no card that they do not request", GPU, KNOWN, 0, 0],
    ["may use CPU that they do not request", "cpu", KNOWN, 0, null],
    ["are not known where their environment is not", GPU, UNKNOWN, null, null],
  ] as const)("without a line %s", (_, resource, environment, requested, used) => {
    const found = rankedServices(summary(resource, [...environment], [service("none")]));
    expect(found[0]).toMatchObject({ requested, used, idle: used, usedPeak: used });
  });

  it("say whose use is a part of shared cards", () => {
    const services = [service("part", { ...line(GPU, "1", "0.25"), shared: true })];
    expect(rankedServices(summary(GPU, KNOWN, services))[0]?.isShared).toBe(true);
  });
});

describe("more services can be asked for", () => {
  it.each([
    ["than a first page", 25, 26, true],
    ["no more than there are", 26, 26, false],
    ["no more than the API answers at once", 500, 600, false],
  ])("%s", (_, shown, total, expected) => {
    const services = Array.from({ length: shown }, (_unused, index) => service(`s${index}`));
    const found = summary(GPU, KNOWN, services);
    found.ranking.total = total;
    expect(hasMore(found)).toBe(expected);
  });
});

describe("services can be ranked", () => {
  it.each<[string, ReturnType<typeof line>[], string[]]>([
    ["by what is requested, GPUs first", [line("memory", "1"), line(GPU, "2")], [GPU]],
    ["not by what nobody requests", [line("ephemeral-storage", "0", "1")], []],
    ["by devices, though nobody says how many", [line(GPU, null, "1")], [GPU]],
    ["not by pods", [line("pods", "3")], []],
    ["by CPU and memory in any case", [], []],
  ])("%s", (_, requested, names) => {
    expect(rankedResources(summary("cpu", requested))).toEqual([...names, "cpu", "memory"]);
  });

  it("by what they are ranked by", () => {
    expect(rankedResources(summary(GPU, []))).toEqual([GPU, "cpu", "memory"]);
  });
});
