import { describe, expect, it } from "vitest";
import { type Piece, piecesOf, plain } from "./ansi";

const ESC = "\u001b";

describe("a line for a terminal", () => {
  it.each<[string, string, Piece[]]>([
    ["is itself without any sequence", "a", [{ text: "a" }]],
    ["may be empty", "", []],
    [
      "is coloured from a sequence to the next",
      `a${ESC}[31mb${ESC}[0mc`,
      [{ text: "a" }, { text: "b", colour: 1 }, { text: "c" }],
    ],
    ["may be bold and bright", `${ESC}[1;92mok`, [{ text: "ok", colour: 2, isBold: true }]],
    ["is reset by nothing, too", `${ESC}[33ma${ESC}[mb`, [{ text: "a", colour: 3 }, { text: "b" }]],
    ["may have one of 256 colours", `${ESC}[38;5;196mred`, [{ text: "red", colour: 1 }]],
    ["may have any colour", `${ESC}[38;2;10;20;240;1mb`, [{ text: "b", colour: 4, isBold: true }]],
    ["may have a background, which is left out", `${ESC}[48;5;31ma`, [{ text: "a" }]],
    ["may be grey, which is the page's own", `${ESC}[38;5;244ma`, [{ text: "a" }]],
    [
      "may move a cursor, which there is none",
      `a${ESC}[2K${ESC}[1Gb`,
      [{ text: "a" }, { text: "b" }],
    ],
    ["may hold an address", `${ESC}]8;;http://x${ESC}\\a${ESC}]8;;\u0007`, [{ text: "a" }]],
  ])("%s", (_, line, pieces) => {
    const looks = pieces.map((piece) => ({ colour: undefined, isBold: false, ...piece }));
    expect(piecesOf(line).map((piece) => ({ colour: undefined, isBold: false, ...piece }))).toEqual(
      looks,
    );
    expect(plain(line)).toBe(pieces.map(({ text }) => text).join(""));
  });
});
