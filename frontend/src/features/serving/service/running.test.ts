import { describe, expect, it } from "vitest";
import type { Rollout } from "../types";
import { broughtBy } from "./running";

const rollout = (id: string, from: number | null, to: number | null, phase = "Succeeded") =>
  ({ id, from_revision: from, to_revision: to, phase }) as Rollout;

describe("who brought what runs", () => {
  it.each<[string, Rollout[], string | undefined]>([
    ["nobody that is known", [], undefined],
    ["the deploy of it", [rollout("a", 1, 2)], "a"],
    ["not a scale of it", [rollout("b", 2, 2), rollout("a", 1, 2)], "a"],
    ["not one that failed", [rollout("b", 1, 2, "Failed")], undefined],
    ["the last that returned to it", [rollout("c", 3, 2), rollout("a", 1, 2)], "c"],
    ["the first of all", [rollout("a", null, 2)], "a"],
  ])("%s", (_, rollouts, expected) => {
    expect(broughtBy(rollouts, 2)?.id).toBe(expected);
  });
});
