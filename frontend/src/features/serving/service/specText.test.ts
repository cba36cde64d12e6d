import { describe, expect, it } from "vitest";
import { specText } from "./specText";

describe("settings are written", () => {
  it.each<[string, object, string]>([
    ["one to a line, by name", { port: 80, image: "a:1" }, "image: a:1\nport: 80\n"],
    ["nested by indentation", { a: { c: { d: 1 }, b: 2 } }, "a:\n  b: 2\n  c:\n    d: 1\n"],
    ["words of a command below each other", { args: ["-x", "2"] }, "args:\n  - -x\n  - 2\n"],
    ["lists inside of something", { a: { b: ["x"] } }, "a:\n  b:\n    - x\n"],
    ["empty ones as what they are", { a: [], b: {}, c: "" }, 'a: []\nb: {}\nc: ""\n'],
    ["with what is not set", { a: null, b: false, c: 0 }, "a: null\nb: false\nc: 0\n"],
    ["with ends that are seen", { a: " x", b: "x ", c: "x y" }, 'a: " x"\nb: "x "\nc: x y\n'],
    ["each on one line", { a: "x\ny" }, 'a: "x\\ny"\n'],
    ["not at all where there are none", {}, ""],
  ])("%s", (_, spec, text) => {
    expect(specText(spec)).toBe(text);
  });

  it("the same in whatever order they come, so that no difference is shown where there is none", () => {
    const requests = { cpu: "1", memory: "2Gi" };
    expect(specText({ env: { A: "1", B: "2" }, requests })).toBe(
      specText({ requests: { memory: "2Gi", cpu: "1" }, env: { B: "2", A: "1" } }),
    );
  });
});
