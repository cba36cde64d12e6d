import { describe, expect, it } from "vitest";
import { fieldOfList, peersOf, typedFrom } from "./traffic";

describe("who pods speak with", () => {
  it.each([
    ["everybody", null],
    ["nobody else", { environments: [], cidrs: [] }],
    ["who is stated", { environments: ["fraud/production"], cidrs: ["10.0.0.0/8"] }],
  ])("is sent as it was read: %s", (_, peers) => {
    expect(peersOf(typedFrom(peers))).toEqual(peers);
  });

  it("is everybody whatever was typed before that was chosen", () => {
    expect(peersOf({ mode: "all", cidrs: ["10.0.0.0/8"] })).toBeNull();
  });

  it("is said to be wrong at the list that has it", () => {
    expect(fieldOfList(["ingress", "cidrs", 2])).toEqual(["ingress", "cidrs"]);
    expect(fieldOfList(["ingress", "cidrs"])).toEqual(["ingress", "cidrs"]);
  });
});
