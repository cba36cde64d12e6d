import { describe, expect, it } from "vitest";
import { words as en } from "./en";
import { words as zh } from "./zh";

/** Name every text of a language: `ui.healths.Healthy`. */
function keysOf(texts: object, prefix = ""): string[] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === "object" ? keysOf(text, `${prefix}${key}.`) : [prefix + key],
  );
}

/** What a text asks to be filled in. */
function placeholders(text: string): string[] {
  return [...text.matchAll(/{{\s*(\w+)/g)].map((match) => match[1] ?? "").sort();
}

function at(texts: object, key: string): string {
  return key
    .split(".")
    .reduce<unknown>((found, part) => (found as Record<string, unknown>)[part], texts) as string;
}

describe("the languages", () => {
  it("have the same texts", () => {
    expect(keysOf(zh).sort()).toEqual(keysOf(en).sort());
  });

  it("call a pod a Pod, and a rollout 发布", () => {
    const texts = keysOf(zh).map((key) => [at(en, key), at(zh, key)] as const);
    const otherwise = texts.filter(
      ([english, chinese]) =>
        chinese.includes("实例") || (/\brollouts?\b/i.test(english) && !chinese.includes("发布")),
    );
    expect(otherwise).toEqual([]);
  });

  it.each(keysOf(en))("%s says something and fills in the same", (key) => {
    expect(at(zh, key).trim()).not.toBe("");
    expect(at(en, key).trim()).not.toBe("");
    expect(placeholders(at(zh, key))).toEqual(placeholders(at(en, key)));
  });
});
