import { describe, expect, it } from "vitest";
import type { LogEntry } from "./logStream";
import { asText, type Filter, filtered, nameOf, readFrom } from "./shownLines";

const AT = "2026-11-30T08:00:01.500000Z";
const line = (text: string, pod = "a"): LogEntry => ({ pod, container: "m", at: AT, line: text });
const NOTICE: LogEntry = { pod: "b", container: "m", at: AT, notice: "Its node is away." };
const LOG = [
  line("INFO ready"),
  line("\u001b[33mWARN\u001b[0m Slow"),
  line("ERROR gone"),
  line("  at x"),
  NOTICE,
];

describe("what is shown of a log", () => {
  it.each<[string, Filter, number[]]>([
    ["everything without a filter", { text: "" }, [0, 1, 2, 3, 4]],
    ["lines that hold some words, whatever their case", { text: "slow" }, [1, 4]],
    ["words that a colour begins in", { text: "warn slow" }, [1, 4]],
    ["a level and what is worse", { text: "", level: "warning" }, [1, 2, 4]],
    ["both", { text: "gone", level: "error" }, [2, 4]],
    ["always what is said of the log itself", { text: "nothing holds this" }, [4]],
  ])("%s", (_, filter, shown) => {
    expect(filtered(LOG, filter)).toEqual(shown.map((index) => LOG[index]));
  });

  it("is a file with times, and with pods where there are several", () => {
    expect(asText([line("\u001b[31mno\u001b[0m")], false)).toBe(`${AT} no\n`);
    expect(asText([line("yes")], true)).toBe(`${AT} a yes\n`);
  });
});

describe("a link to a line", () => {
  it("names its time and its pod", () => {
    expect(nameOf(line("x", "scorer-1"))).toBe(`${AT}@scorer-1`);
    expect(nameOf({ ...line("x"), at: null })).toBe("");
  });

  it("is read from a minute before it", () => {
    expect(readFrom(`${AT}@scorer-1`)).toBe("2026-11-30T07:59:01.500Z");
    expect(readFrom("nonsense")).toBeUndefined();
  });
});
