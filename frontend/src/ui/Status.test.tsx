import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { type Health, HealthTag, type Phase, PhaseTag } from "./Status";

beforeAll(() => speak("en"));
afterEach(cleanup);

/** Read a state as it stands on the page: its colour, whether it has a sign, and its word. */
function look(): [string, boolean, string] {
  const tag = document.querySelector(".ant-tag");
  const colour = /ant-tag-(success|processing|error|warning|default)/.exec(tag?.className ?? "");
  return [colour?.[1] ?? "", tag?.querySelector("svg") !== null, tag?.textContent ?? ""];
}

describe("green is only what is well", () => {
  it.each<[Health, string, string]>([
    ["Healthy", "success", "Healthy"],
    ["Progressing", "processing", "Progressing"],
    ["Degraded", "error", "Degraded"],
    ["Stopped", "default", "Stopped"],
    ["Unknown", "warning", "Unknown"],
  ])("a service that is %s is %s", (health, colour, word) => {
    render(<HealthTag health={health} />);
    expect(look()).toEqual([colour, true, word]);
  });

  it.each<[Phase, string, string]>([
    ["Pending", "default", "Pending"],
    ["Progressing", "processing", "Progressing"],
    ["Paused", "warning", "Paused"],
    ["RollingBack", "warning", "Rolling back"],
    ["Succeeded", "success", "Succeeded"],
    ["Failed", "error", "Failed"],
    ["Aborted", "default", "Aborted"],
  ])("a rollout that is %s is %s", (phase, colour, word) => {
    render(<PhaseTag phase={phase} />);
    expect(look()).toEqual([colour, true, word]);
  });
});
