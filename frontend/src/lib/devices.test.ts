import { expect, it } from "vitest";
import { isCard, kindOf } from "./devices";

it.each([
  ["nvidia.com/gpu", "whole"],
  ["nvidia.com/gpu.shared", "share"],
  ["nvidia.com/mig-1g.5gb", "slice"],
  ["nvidia.com/gpumem", "amount"],
  ["huawei.com/Ascend910B4-1-memory", "amount"],
  ["huawei.com/Ascend310P-2c", "slice"],
  ["deviceclass.resource.kubernetes.io/gpu.nvidia.com", "whole"],
  ["nvidia.com/hostdev", undefined],
  ["example.com/nic", undefined],
  ["cpu", undefined],
])("%s is %s", (resource, kind) => {
  expect(kindOf(resource)).toBe(kind);
  expect(isCard(resource)).toBe(kind !== undefined && kind !== "amount");
});
