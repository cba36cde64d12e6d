import { describe, expect, it } from "vitest";
import {
  byImportance,
  formatAmount,
  formatBytes,
  isBytes,
  isDevice,
  parseQuantity,
} from "./quantity";

const GIB = 2 ** 30;

describe("a quantity of Kubernetes is read", () => {
  it.each([
    ["0", 0],
    ["4", 4],
    ["+4", 4],
    ["-2", -2],
    ["500m", 0.5],
    ["1500u", 0.0015],
    ["100n", 1e-7],
    [".5", 0.5],
    ["5.", 5],
    ["1.5Gi", 1.5 * GIB],
    ["128Mi", 128 * 2 ** 20],
    ["1k", 1000],
    ["1Ki", 1024],
    ["2G", 2e9],
    ["1E", 1e18],
    ["1Ei", 2 ** 60],
    ["1e3", 1000],
    ["1E3", 1000],
    ["1e-3", 0.001],
    [" 8 ", 8],
  ])("%j", (text, expected) => {
    expect(parseQuantity(text)).toBeCloseTo(expected, 12);
  });

  it.each(["", "four", "1 Gi", "1ki", "1GiB", "1e", "--1", "0x10", "1,5", "NaN", "Infinity"])(
    "%j is none",
    (text) => {
      expect(parseQuantity(text)).toBeNaN();
    },
  );
});

describe("an amount is written", () => {
  it.each([
    ["nothing", "cpu", 0, "0"],
    ["very little", "cpu", 0.0004, "<0.001"],
    ["millicores", "cpu", 0.0125, "0.013"],
    ["less than ten", "cpu", 2.345, "2.35"],
    ["less than a hundred", "cpu", 23.45, "23.5"],
    ["many", "cpu", 1234.5, "1,235"],
    ["very many", "nvidia.com/gpu", 12_345_678, "12.35M"],
    ["owed", "nvidia.com/gpu", -3, "-3"],
    ["bytes", "memory", 512, "512 B"],
    ["a unit exactly", "memory", GIB, "1 GiB"],
    ["memory owed", "memory", -1.5 * GIB, "-1.5 GiB"],
    ["memory of a card", "nvidia.com/gpu.memory", 15 * GIB, "15 GiB"],
    ["almost the next unit", "memory", GIB - 1, "1 GiB"],
    ["more than the largest unit", "memory", 2 ** 62, "4,096 PiB"],
  ])("%s", (_, resource, amount, expected) => {
    expect(formatAmount(resource, amount)).toBe(expected);
  });

  it("as the language does", () => {
    expect(formatAmount("nvidia.com/gpu", 12_345_678, "zh")).toBe("1234.57万");
    expect(formatBytes(1.5 * GIB, "de")).toBe("1,5 GiB");
  });
});

it("tells devices from bytes, and orders them as people look at them", () => {
  const names = ["memory", "ephemeral-storage", "cpu", "nvidia.com/mig-1g.5gb", "nvidia.com/gpu"];
  const devices = ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb"];
  expect(names.filter(isDevice).sort()).toEqual(devices);
  expect(names.filter(isBytes)).toEqual(["memory", "ephemeral-storage"]);
  expect(isDevice("nvidia.com/gpu.memory")).toBe(false);
  expect(isBytes("huawei.com/Ascend910B-memory")).toBe(false);
  expect(names.sort(byImportance)).toEqual([...devices, "cpu", "memory", "ephemeral-storage"]);
});
