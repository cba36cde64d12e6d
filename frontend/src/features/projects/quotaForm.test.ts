import { describe, expect, it } from "vitest";
import {
  fieldInQuota,
  limitOf,
  limitsOf,
  loweredBelowReserved,
  productsOf,
  type QuotaValues,
  quotaOf,
  resourcesOf,
} from "./quotaForm";

const QUOTA = {
  limits: { cpu: "8", memory: "16Gi", "nvidia.com/mig-1g.10gb": "2" },
  gpu_products: { "NVIDIA-A10": 4 },
  reserved: { cpu: "4500m", memory: "8Gi", "nvidia.com/gpu": "3" },
  reserved_gpu_products: { "NVIDIA-A10": 2, "NVIDIA-L4": 1 },
  headroom: {},
};

describe("what a quota form asks for", () => {
  it("is CPU, memory, GPUs and pods where nothing is set yet", () => {
    expect(resourcesOf()).toEqual(["nvidia.com/gpu", "cpu", "memory", "pods"]);
    expect(productsOf()).toEqual([]);
  });
  it("is also whatever is limited or held", () => {
    expect(resourcesOf(QUOTA)).toContain("nvidia.com/mig-1g.10gb");
    expect(productsOf(QUOTA)).toEqual(["NVIDIA-A10", "NVIDIA-L4"]);
  });
});

describe("what is sent", () => {
  it.each<[string, QuotaValues, object]>([
    ["nothing typed", {}, { limits: {}, gpu_products: {} }],
    [
      "empty is not limited, and 0 is a limit",
      { limits: { cpu: " 4 ", memory: "", "nvidia.com/gpu": "0" } },
      { limits: { cpu: "4", "nvidia.com/gpu": "0" }, gpu_products: {} },
    ],
    [
      "products",
      { gpu_products: { "NVIDIA-A10": 0, "NVIDIA-L4": null } },
      { limits: {}, gpu_products: { "NVIDIA-A10": 0 } },
    ],
    [
      "what only the server can judge",
      { limits: { cpu: "a lot" } },
      { limits: { cpu: "a lot" }, gpu_products: {} },
    ],
    [
      "bounds, without what was left empty",
      { minimum: { cpu: "10m", memory: "" }, default_limits: {} },
      { limits: {}, gpu_products: {}, minimum: { cpu: "10m" }, default_limits: {} },
    ],
  ])("%s", (_, values, sent) => expect(quotaOf(values)).toEqual(sent));
});

describe("what the server says of a quota", () => {
  it.each([
    [
      ["default_requests", "cpu"],
      ["quota", "default_requests", "cpu"],
    ],
    [
      ["quota", "limits", "cpu"],
      ["quota", "limits", "cpu"],
    ],
    [["name"], ["name"]],
  ])("of %j is said at %j", (path, field) => expect(fieldInQuota(path)).toEqual(field));
});

describe("what may be held", () => {
  it("is what is left and what is held, also of what is not stated", () => {
    const quota = {
      headroom: { cpu: "3500m", memory: "-1Gi", pods: "198" },
      reserved: { cpu: "4500m", memory: "2Gi", pods: "2" },
    };
    expect(limitsOf(quota)).toEqual({ cpu: 8, memory: 2 ** 30, pods: 200 });
  });
});

describe("what a limit comes to", () => {
  it.each<[string, string | undefined, number]>([
    ["cpu", "1500m", 1.5],
    ["cpu", "", Number.NaN],
    ["pods", undefined, Number.NaN],
    ["memory", "a lot", Number.NaN],
    ["nvidia.com/gpu", "2", 2],
    ["nvidia.com/gpu", " ", 0],
    ["nvidia.com/gpu", undefined, 0],
    ["nvidia.com/gpu", "two", Number.NaN],
  ])("of %s, with %j typed: %d", (name, text, limit) => {
    expect(limitOf(name, text)).toBe(limit);
  });
});

describe("lowering below what is reserved", () => {
  const gpus = { "nvidia.com/gpu": "3" };
  it.each<[string, QuotaValues, string[]]>([
    ["less than reserved", { limits: { ...gpus, cpu: "4" } }, ["cpu"]],
    ["in another spelling", { limits: { ...gpus, memory: "8191Mi" } }, ["memory"]],
    ["as much as reserved", { limits: { ...gpus, cpu: "4500m", memory: "8Gi" } }, []],
    ["no limit any more", { limits: { ...gpus, cpu: "" } }, []],
    ["nothing held", { limits: { ...gpus, "nvidia.com/mig-1g.10gb": "0" } }, []],
    ["a limit on what had none", { limits: { "nvidia.com/gpu": "2" } }, ["nvidia.com/gpu"]],
    ["devices, which are barred without a limit", { limits: { cpu: "8" } }, ["nvidia.com/gpu"]],
    ["a product", { limits: gpus, gpu_products: { "NVIDIA-A10": 1 } }, ["NVIDIA-A10"]],
    ["no product any more", { limits: gpus, gpu_products: { "NVIDIA-A10": null } }, []],
    ["no quantity", { limits: { ...gpus, cpu: "a lot" } }, []],
  ])("%s", (_, values, lowered) => expect(loweredBelowReserved(values, QUOTA)).toEqual(lowered));
});
