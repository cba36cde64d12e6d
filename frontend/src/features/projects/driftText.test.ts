import { describe, expect, it } from "vitest";
import { isBeside, valueText } from "./driftText";

describe("what differs in a namespace", () => {
  it.each([
    ["64", "64"],
    ["", '""'],
    [0, "0"],
    [false, "false"],
    [[{ type: "Container" }], '[{"type":"Container"}]'],
    [null, undefined],
    [undefined, undefined],
  ])("shows every value as itself, and none as none: %j", (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  it.each([
    ["an object of others", { field: "", wanted: null }, true],
    ["an object of ours that is missing", { field: "", wanted: "present" }, false],
    ["a field that somebody added", { field: "spec.hard.pods", wanted: null }, false],
  ])("tells what is left to others from what is put back: %s", (_, entry, expected) => {
    expect(isBeside(entry)).toBe(expected);
  });
});
