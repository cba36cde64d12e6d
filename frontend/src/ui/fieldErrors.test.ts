import { describe, expect, it } from "vitest";
import { type FieldPath, pathOf } from "./fieldErrors";

describe("a JSON pointer leads to a field", () => {
  it.each<[string, FieldPath]>([
    ["", []],
    ["/name", ["name"]],
    ["/resources/requests/cpu", ["resources", "requests", "cpu"]],
    ["/resources/requests/nvidia.com~1gpu", ["resources", "requests", "nvidia.com/gpu"]],
    ["/env/A~0B", ["env", "A~B"]],
    // RFC 6901: ~01 is the text ~1, not a slash.
    ["/env/A~01", ["env", "A~1"]],
    ["/strategy/steps/0/weight", ["strategy", "steps", 0, "weight"]],
    ["/env/", ["env", ""]],
  ])("%j", (pointer, expected) => {
    expect(pathOf(pointer)).toEqual(expected);
  });
});
