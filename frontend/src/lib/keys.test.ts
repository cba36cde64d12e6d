import { afterEach, describe, expect, it } from "vitest";
import { GOES, heard } from "./keys";

/** Press a key somewhere, and say what is heard. */
function press(key: string, init: KeyboardEventInit = {}, where = "<p>", isAfter = false) {
  document.body.innerHTML = where;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  let found: ReturnType<typeof heard>;
  const listener = (one: KeyboardEvent) => {
    found = heard(one, isAfter);
  };
  window.addEventListener("keydown", listener);
  const target = document.querySelector("[data-here]") ?? document.body.firstElementChild;
  target?.dispatchEvent(event);
  window.removeEventListener("keydown", listener);
  return found;
}

afterEach(() => {
  document.body.innerHTML = "";
});

describe("a key", () => {
  it.each([
    ["/", {}, "filter"],
    ["?", { shiftKey: true }, "keys"],
    ["g", {}, "after"],
    ["k", { ctrlKey: true }, "find"],
    ["K", { metaKey: true }, "find"],
    ["k", {}, undefined],
    ["p", {}, undefined],
    ["k", { ctrlKey: true, shiftKey: true }, undefined],
    ["k", { ctrlKey: true, metaKey: true }, undefined],
    ["k", { ctrlKey: true, altKey: true }, undefined],
    ["/", { ctrlKey: true }, undefined],
    ["/", { metaKey: true }, undefined],
    ["/", { altKey: true }, undefined],
    ["G", { shiftKey: true }, undefined],
    ["g", { repeat: true }, undefined],
  ])("%s with %j is heard as %s", (key, init, expected) => {
    expect(press(key, init)).toBe(expected);
  });

  it.each(Object.keys(GOES))("%s goes somewhere after g only", (key) => {
    expect(press(key, {}, "<p>", true)).toBe(key);
    expect(press(key, { shiftKey: true }, "<p>", true)).toBeUndefined();
  });

  it.each([
    "<input>",
    "<textarea>",
    "<select>",
    "<div contenteditable='true'></div>",
    "<div role='combobox'></div>",
    "<div role='dialog'><button data-here></button></div>",
  ])("means itself in %s, but for the one that finds", (where) => {
    expect(press("/", {}, where)).toBeUndefined();
    expect(press("g", {}, where)).toBeUndefined();
    expect(press("?", { shiftKey: true }, where)).toBeUndefined();
    expect(press("k", { ctrlKey: true }, where)).toBe("find");
  });
});
