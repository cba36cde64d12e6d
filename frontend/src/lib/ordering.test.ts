import { expect, it } from "vitest";
import { directionOf, nextOrdering } from "./ordering";

it.each([
  ["name", [undefined, "name", "-name", undefined]],
  ["-created_at", [undefined, "-created_at", "created_at", undefined]],
])("a title of %s orders, turns, and leaves the order", (sortBy, steps) => {
  steps.slice(1).forEach((expected, step) => {
    expect(nextOrdering(steps[step], sortBy)).toBe(expected);
  });
});

it("another title begins its own order", () => {
  expect(nextOrdering("-phase", "kind")).toBe("kind");
});

it.each([
  ["name", "name", "ascending"],
  ["-name", "name", "descending"],
  ["-created_at", "-created_at", "descending"],
  ["created_at", "-created_at", "ascending"],
  ["phase", "name", undefined],
  [undefined, "name", undefined],
])("an order of %s is, for a column of %s, %s", (ordering, sortBy, expected) => {
  expect(directionOf(ordering, sortBy)).toBe(expected);
});
