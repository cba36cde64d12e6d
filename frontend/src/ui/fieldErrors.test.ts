import type { FormInstance } from "antd";
import { describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { type FieldPath, fieldError, pathOf, showAtFields } from "./fieldErrors";

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

const REFUSED = new Problem({
  title: "",
  status: 400,
  detail: "",
  reason: "Invalid",
  errors: [
    { pointer: "", detail: "Two of them contradict each other." },
    { pointer: "/resources/requests/cpu", detail: "No quantity." },
    { pointer: "/env/DEBUG", detail: "Too long." },
    { pointer: "/hidden", detail: "Not on the page." },
  ],
});

/** Show a refusal in a form that has some fields; return what it says where, and what it shows first. */
function shownIn(fields: string[], error: unknown, toField?: (path: FieldPath) => FieldPath) {
  const said: Record<string, string[] | undefined> = {};
  let first: string | undefined;
  const form = {
    getFieldInstance: (name: FieldPath) => fields.includes(name.join(".")),
    setFields: (data: { name: FieldPath; errors?: string[] }[]) => {
      for (const { name, errors } of data) said[name.join(".")] = errors;
    },
    scrollToField: (name: FieldPath) => {
      first = name.join(".");
    },
  } as unknown as FormInstance;
  showAtFields(form, error, toField);
  return { said, first };
}

describe("what the server says of fields", () => {
  const fields = ["resources.requests.cpu", "env.DEBUG"];

  it("stands at those that are on the page, the first in sight", () => {
    expect(shownIn(fields, REFUSED)).toEqual({
      said: { "resources.requests.cpu": ["No quantity."], "env.DEBUG": ["Too long."] },
      first: "resources.requests.cpu",
    });
  });

  it("stands where the form has them", () => {
    const toField = ([root, ...rest]: FieldPath) => (root === "resources" ? rest : []);
    expect(shownIn(["requests.cpu"], REFUSED, toField)).toEqual({
      said: { "requests.cpu": ["No quantity."] },
      first: "requests.cpu",
    });
  });

  it.each<[string, string[], unknown]>([
    ["of which none is on the page", [], REFUSED],
    ["where nobody answered", fields, new TypeError("Failed to fetch")],
  ])("moves nothing %s", (_, on, error) => {
    expect(shownIn(on, error)).toEqual({ said: {}, first: undefined });
  });

  it.each<[string, unknown, string, string | undefined]>([
    ["one of them", REFUSED, "/env/DEBUG", "Too long."],
    ["the whole", REFUSED, "", "Two of them contradict each other."],
    ["one that is fine", REFUSED, "/env", undefined],
    ["any, where nobody answered", new TypeError("Failed to fetch"), "/env", undefined],
  ])("is found for fields outside of a form: %s", (_, error, pointer, said) => {
    expect(fieldError(error, pointer)).toBe(said);
  });
});
