import { expect, it } from "vitest";
import { isMissing, type Listed } from "./missing";

const LISTED: Listed = { results: [{ name: "staging" }], next: null };

it.each<[string, string | undefined, Listed | undefined, boolean]>([
  ["is there", "staging", LISTED, false],
  ["is not there", "production", LISTED, true],
  ["is not there, as nothing is", "production", { results: [], next: null }, true],
  ["may be on a page that was not fetched", "production", { ...LISTED, next: "/?cursor=2" }, false],
  ["is looked for", "production", undefined, false],
  ["was not chosen", undefined, LISTED, false],
  ["was taken back", "", LISTED, false],
])("what the address names %s", (_, name, list, missing) => {
  expect(isMissing(name, list)).toBe(missing);
});
