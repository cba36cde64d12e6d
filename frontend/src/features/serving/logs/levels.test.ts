import { describe, expect, it } from "vitest";
import { type Level, levelOf } from "./levels";

describe("the level of a line", () => {
  it.each<[string, Level | undefined]>([
    ['{"level": "error", "message": "no INFO"}', "error"],
    ["ts=1 level=warn msg=slow", "warning"],
    ['{"severity":"CRITICAL"}', "error"],
    ["E1130 08:00:01.123 server.go:12] gone", "error"],
    ["I1130 08:00:01.123 server.go:12] here", "info"],
    ["2026-11-30 08:00:01,123 - scorer - WARNING - late", "warning"],
    ["[error] 31#31: connect() failed", "error"],
    ["FATAL: the model file is cut short", "error"],
    ["DEBUG x", "debug"],
    ["POST /predict 200", undefined],
    ["an error of mine", undefined],
    ["INFORMATION", undefined],
    [`${"x".repeat(300)} ERROR`, undefined],
  ])("%s", (line, level) => {
    expect(levelOf(line)).toBe(level);
  });
});
