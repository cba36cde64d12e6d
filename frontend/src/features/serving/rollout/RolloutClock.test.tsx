import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import type { Clock } from "../types";
import { RolloutClock } from "./RolloutClock";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

const ASKED: Clock = {
  registered_at: null,
  requested_at: at(0),
  admitted_at: at(0.25),
  applied_at: null,
  scheduled_at: null,
  started_at: null,
  first_ready_at: null,
  finished_at: null,
};

beforeAll(() => speak("en"));
beforeEach(() => void vi.useFakeTimers({ now: Date.parse(at(100)) }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** Read the rows as they stand on the page, the sum last. */
function rows(): string[] {
  return [...document.querySelectorAll("tbody tr.ant-table-row, tfoot tr")].map((row) =>
    [...row.querySelectorAll("td")]
      .map((cell) => cell.textContent)
      .filter(Boolean)
      .join(": "),
  );
}

/** How wide each bar is, and where it begins. */
function bars(): string[] {
  return [...document.querySelectorAll<HTMLElement>("td div[aria-hidden] > div")].map(
    ({ style }) => `${style.marginLeft} ${style.width}`,
  );
}

describe("the clock says how long each stretch took", () => {
  it("and of one that runs, how long until now", () => {
    render(<RolloutClock clock={ASKED} />);
    expect(rows()).toEqual([
      "admitted: 250 ms",
      "now (still running): 1 min 40 s",
      "So far: 1 min 40 s",
    ]);
  });

  it.each([
    ["less than its times can tell", 2.2, "< 1 s"],
    ["whole seconds", 7.4, "5 s"],
    ["what rounds up to a minute", 61.6, "1 min"],
    ["minutes", 95.3, "1 min 33 s"],
  ])("in seconds, where Kubernetes tells no less: %s", (_, started, text) => {
    const clock = { ...ASKED, applied_at: at(2), started_at: at(started), finished_at: at(99) };
    render(<RolloutClock clock={clock} />);
    expect(rows()[2]).toBe(`its containers run: ${text}`);
    expect(rows().at(-1)).toBe("Total: 1 min 39 s");
  });

  it("and draws it where it lies in the whole", () => {
    render(<RolloutClock clock={{ ...ASKED, admitted_at: at(2), finished_at: at(8) }} />);
    expect(bars()).toEqual(["0% 25%", "25% 75%"]);
  });

  it("and draws nothing of nothing", () => {
    render(<RolloutClock clock={{ ...ASKED, admitted_at: at(0), finished_at: at(0) }} />);
    expect(bars()).toEqual([]);
    expect(rows().at(-1)).toBe("Total: 0 ms");
  });
});

it("says how long a version waited to be rolled out, where that is known", () => {
  const { rerender } = render(<RolloutClock clock={{ ...ASKED, registered_at: at(-7200) }} />);
  expect(document.body.textContent).toContain(
    "registered 2 hours before this rollout was requested",
  );
  rerender(<RolloutClock clock={ASKED} />);
  expect(document.body.textContent).not.toContain("registered");
});
