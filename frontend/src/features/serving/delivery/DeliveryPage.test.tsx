import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { DeliveryCourse } from "./DeliveryCourse";
import { ServiceDeliveries } from "./ServiceDeliveries";
import { Stretches } from "./Stretches";

beforeAll(() => speak("en"));
afterEach(cleanup);

function cells(row: number): (string | null)[] {
  const found = document.querySelectorAll("tbody tr.ant-table-row")[row];
  return [...(found?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent);
}

it("says of what was never measured that it is unknown, and of whole seconds no less", async () => {
  const stretches: Schemas["Stretch"][] = [
    { until: "admitted", count: 3, median_seconds: 0.004, p90_seconds: 0.25 },
    { until: "scheduled", count: 3, median_seconds: 0, p90_seconds: 2 },
    { until: "from_registration", count: 0, median_seconds: null, p90_seconds: null },
  ];
  await showOnPage(<Stretches stretches={stretches} />, makeKnown());
  expect(cells(0)).toEqual(["admitted", "4 ms", "250 ms", "3"]);
  expect(cells(1)).toEqual(["first new pod scheduled", "< 1 s", "2.0 s", "3"]);
  expect(cells(2).slice(1)).toEqual(["unknown", "unknown", "0"]);
});

it("tells a failure that is not over from one that was", async () => {
  const deployments = { succeeded: 0, failed: 1, aborted: 0, failed_ratio: 1 };
  const total = { count: 0, median_seconds: null, p90_seconds: null };
  const service = (name: string, recovery: Schemas["Recovery"]) => ({
    environment: "production",
    service: name,
    deployments,
    total,
    recovery,
  });
  const services = [
    service("open", { ...total, unrecovered: 1 }),
    service("over", { count: 1, median_seconds: 90, p90_seconds: 90, unrecovered: 0 }),
  ];
  await showOnPage(<ServiceDeliveries project="vision" services={services} />, makeKnown());
  expect(cells(0).slice(5)).toEqual(["100%", "–", "1 failure is not over"]);
  expect(cells(1).slice(5)).toEqual(["100%", "–", "1 min 30 s"]);
});

it("draws each step as high as its share of the most", async () => {
  const step = (at: string, succeeded: number, failed: number) => ({
    at,
    succeeded,
    failed,
    aborted: 0,
  });
  const course = [step("2026-11-29T00:00:00Z", 1, 1), step("2026-11-30T00:00:00Z", 4, 0)];
  await showOnPage(<DeliveryCourse course={course} stepSeconds={86_400} />, makeKnown());
  const chart = screen.getByRole("img", { name: "Deployments over time" });
  const heights = [...chart.children].map((one) =>
    [...one.children].map((part) => (part as HTMLElement).style.height),
  );
  expect(heights).toEqual([
    ["0%", "25%", "25%"],
    ["0%", "0%", "100%"],
  ]);
});
