import { expect, it } from "vitest";
import { roundInterval } from "./interval";

it.each([
  [0.12 / 2, 0.1],
  [0.25, 0.3],
  [4 / 3, 2],
  [64 / 3, 30],
  [1, 1],
])("of %d cores or cards is %d", (least, interval) => {
  expect(roundInterval(least, false)).toBe(interval);
});

it.each([
  [46.6 * 2 ** 30, 64 * 2 ** 30],
  [2 ** 29, 2 ** 29],
])("of %d bytes is %d", (least, interval) => {
  expect(roundInterval(least, true)).toBe(interval);
});
