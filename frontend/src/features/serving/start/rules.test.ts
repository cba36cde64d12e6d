import { describe, expect, it } from "vitest";
import { amountRule, nameRule } from "./rules";

describe("the name of a service", () => {
  it.each([
    ["scorer", true],
    ["s", true],
    ["fraud-scorer-2", true],
    ["a".repeat(45), true],
    ["a".repeat(46), false],
    ["", false],
    ["2scorer", false],
    ["-scorer", false],
    ["scorer-", false],
    ["Scorer", false],
    ["fraud.scorer", false],
    ["fraud_scorer", false],
    ["scorer\n", false],
  ])("may be %j: %s", (name, may) => {
    expect(nameRule("").pattern.test(name)).toBe(may);
  });
});

describe("a quantity that is typed", () => {
  it.each<[string | undefined, boolean]>([
    ["500m", true],
    ["4Gi", true],
    [" 4Gi ", true],
    ["0", true],
    ["", true],
    [" ", true],
    [undefined, true],
    ["-1", false],
    ["4 Gi", false],
    ["4gb", false],
    ["a lot", false],
  ])("may be %j: %s", async (text, may) => {
    const checked = amountRule("No quantity.").validator(undefined, text);
    await (may
      ? expect(checked).resolves.toBeUndefined()
      : expect(checked).rejects.toThrow("No quantity."));
  });
});
