import { describe, expect, it } from "vitest";
import type { FieldPath } from "@/ui/fieldErrors";
import { devicesOf, fieldOf, isAdvanced } from "./fields";
import { NEW, type Values } from "./values";

const VALUES: Values = {
  ...NEW,
  env: [
    { name: "A", value: "1" },
    { name: "B", value: "2" },
  ],
};

describe("where a field of the body is in the form", () => {
  it.each<[string, FieldPath, FieldPath, boolean]>([
    ["a name", ["name"], ["name"], false],
    ["a request", ["resources", "requests", "cpu"], ["requests", "cpu"], false],
    ["a limit", ["resources", "limits", "memory"], ["limits", "memory"], false],
    ["a device", ["resources", "requests", "nvidia.com/gpu"], ["devices", "nvidia.com/gpu"], false],
    ["a variable", ["env", "B"], ["env", 1, "value"], true],
    ["a strategy as a whole", ["strategy"], ["strategy", "type"], true],
    ["a bound", ["strategy", "max_surge"], ["strategy", "max_surge"], true],
    ["steps as a whole", ["strategy", "steps"], ["strategy", "type"], true],
    ["a weight", ["strategy", "steps", 1, "weight"], ["strategy", "steps", 1, "weight"], true],
    ["a pause", ["strategy", "steps", 1, "pause"], ["strategy", "steps", 1, "lasts"], true],
  ])("%s", (_, path, field, advanced) => {
    expect(fieldOf(path, VALUES)).toEqual(field);
    expect(isAdvanced(field)).toBe(advanced);
  });
});

describe("devices to choose", () => {
  it("are GPUs, those with a quota and those that are held, once each", () => {
    const limits = { cpu: "4", "nvidia.com/gpu": "2", "nvidia.com/mig-1g.5gb": "7" };
    expect(devicesOf(limits, { "example.com/fpga": 1 })).toEqual([
      "example.com/fpga",
      "nvidia.com/gpu",
      "nvidia.com/mig-1g.5gb",
    ]);
  });
});
