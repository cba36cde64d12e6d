import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { Freshness } from "./Freshness";

beforeAll(() => speak("en"));
afterEach(cleanup);

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe("numbers say from when they are", () => {
  it.each([
    ["now", { observedAt: minutesAgo(0), isStale: false }, "Measured a few seconds ago"],
    [
      "the past",
      { observedAt: minutesAgo(5), isStale: true },
      "Out of dateLast measured 5 minutes ago",
    ],
    [
      "the past, because it is old",
      { observedAt: minutesAgo(5), isStale: true, reason: "Stale" },
      "Out of dateLast measured 5 minutes ago",
    ],
    [
      "the past, because something is away",
      { observedAt: minutesAgo(5), isStale: true, reason: "PrometheusUnavailable" },
      "Prometheus unavailableLast measured 5 minutes ago",
    ],
    ["never", { observedAt: null, isStale: true, reason: "NoData" }, "No dataLast measured never"],
    [
      "a clock that is ahead",
      { observedAt: minutesAgo(-5), isStale: false },
      "Measured a few seconds ago",
    ],
    [
      "a reason that is new here",
      { observedAt: null, isStale: true, reason: "SolarFlare" },
      "SolarFlareLast measured never",
    ],
  ])("%s", (_, props, expected) => {
    render(<Freshness {...props} />);
    expect(document.body.textContent?.replace(/\s+/g, " ").trim()).toBe(expected);
  });
});
