import { expect, it } from "vitest";
import { dnsLabel } from "./names";
import { KEY_NAME, SECRET_NAME } from "./secrets/place";

it.each([
  ["fraud", true],
  ["f", true],
  ["fraud-2", true],
  ["abcdefghij", true],
  ["abcdefghijk", false],
  ["", false],
  ["2fraud", false],
  ["fraud-", false],
  ["Fraud", false],
  ["fraud/2", false],
])("a name of at most ten characters may be %j: %s", (name, may) => {
  expect(dnsLabel("", 10).pattern.test(name)).toBe(may);
});

it.each([
  ["database", true],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  ["Database", false],
  ["data.base", false],
  ["-database", false],
])("a secret may be called %j: %s", (name, may) => {
  expect(SECRET_NAME.test(name)).toBe(may);
});

it.each([
  ["PASSWORD", true],
  ["tls.crt", true],
  [".dockerconfigjson", true],
  ["a_b-c", true],
  ["a".repeat(253), true],
  ["a".repeat(254), false],
  // As names of files these lead elsewhere.
  [".", false],
  ["..", false],
  ["..data", false],
  ["a/b", false],
  ["", false],
])("a key of a secret may be called %j: %s", (name, may) => {
  expect(KEY_NAME.test(name)).toBe(may);
});
