import { describe, expect, it } from "vitest";
import type { FieldPath } from "./fieldErrors";
import { mapOf, type Pair, pairPath } from "./PairsField";

const ROWS: Pair<string>[] = [
  { name: "A", value: "1" },
  { name: "8080", value: "" },
];

describe("rows of names and values", () => {
  it.each<[string, Pair<unknown>[] | undefined, object]>([
    ["none", undefined, {}],
    ["nothing in them", [], {}],
    [
      "an empty text, and nothing",
      [...ROWS, { name: "C", value: null }],
      { A: "1", 8080: "", C: null },
    ],
    [
      "a name twice: the last one counts",
      [
        { name: "A", value: 1 },
        { name: "A", value: 2 },
      ],
      { A: 2 },
    ],
  ])("become a map: %s", (_, rows, map) => {
    expect(mapOf(rows)).toEqual(map);
  });

  it.each<[string, FieldPath, FieldPath]>([
    ["a value", ["env", "A"], ["env", 0, "value"]],
    ["a value whose name reads as a number", ["env", 8080], ["env", 1, "value"]],
    ["a name that is in no row", ["env", "GONE"], ["env", "GONE"]],
    ["all of them", ["env"], ["env"]],
    ["a field that has no rows", ["replicas"], ["replicas"]],
    ["nothing", [], []],
  ])("are found by the place in the map: %s", (_, path, field) => {
    expect(pairPath(path, { env: ROWS, labels: undefined })).toEqual(field);
  });
});
