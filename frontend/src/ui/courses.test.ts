import { readFileSync } from "node:fs";
import { theme } from "antd";
import { expect, it } from "vitest";
import { themeOf } from "@/app/theme";

const CSS = readFileSync("src/main.css", "utf8");
const COLOURS = [...CSS.matchAll(/--slipway-(\w+): (#[0-9a-f]{6});/g)].map(
  ([, name, colour]) => [name, colour] as [string, string],
);
/** What WCAG asks of lines that say something. */
const LEAST_CONTRAST = 3;

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

it("knows the colour of the period before", () => {
  expect(COLOURS.map(([name]) => name)).toContain("before");
});

it.each(COLOURS)("the line of %s is seen on light and dark", (_, colour) => {
  for (const isDark of [false, true]) {
    const ground = theme.getDesignToken(themeOf(isDark, false)).colorBgContainer;
    expect(contrast(colour, ground)).toBeGreaterThanOrEqual(LEAST_CONTRAST);
  }
});

it("courses that are drawn together differ in colour", () => {
  expect(new Set(COLOURS.map(([, colour]) => colour)).size).toBe(COLOURS.length);
});
