import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { CompactQuotaBar, QuotaBar } from "./QuotaBar";
import { type Amounts, isAboveCluster, quotaState, scaleOf } from "./quota";

const GPU = "nvidia.com/gpu";
const GIB = 2 ** 30;
const AMOUNTS: Amounts = { quota: 8, requested: 4, reserved: 4, used: 1, clusterFree: 10 };

beforeAll(() => speak("en"));
afterEach(cleanup);

/** Read the labelled numbers as they stand on the page. */
function figures(): Record<string, string> {
  const labels = [...document.querySelectorAll("dt")];
  return Object.fromEntries(
    labels.map((label) => [
      label.textContent ?? "",
      label.parentElement?.querySelector("dd")?.textContent ?? "",
    ]),
  );
}

function widthOf(part: string): string | undefined {
  const found = document.querySelector<HTMLElement>(`.slipway-quota-track > .${part}`);
  return found?.style.width;
}

describe("the labelled numbers", () => {
  const unlimited = { Quota: "no limit" };
  it.each<[string, string, Partial<Amounts>, Record<string, string>]>([
    ["devices", GPU, {}, { Quota: "8", Requested: "4", Used: "1", "Cluster free": "10" }],
    ["half a device at work", GPU, { used: 0.5 }, { Used: "0.5" }],
    ["cores", "cpu", { used: 0.25 }, { Quota: "8 cores", Used: "0.25 cores" }],
    ["very little is not zero", "cpu", { used: 0.0004 }, { Used: "<0.001 cores" }],
    ["bytes", "memory", { quota: 8 * GIB, used: 1.5 * GIB }, { Quota: "8 GiB", Used: "1.5 GiB" }],
    ["a quota of zero", GPU, { quota: 0, requested: 0 }, { Quota: "0", Requested: "0" }],
    ["no quota", GPU, { quota: null }, unlimited],
    ["used not known", GPU, { used: null }, { Requested: "4", Used: "unknown" }],
    ["requested not known", GPU, { requested: null }, { Requested: "unknown", Used: "1" }],
    ["cluster not known", GPU, { clusterFree: null }, { "Cluster free": "unknown" }],
    ["promised more than requested", GPU, { reserved: 6 }, { Reserved: "6", Requested: "4" }],
    ["huge", "memory", { quota: 4e21 }, { Quota: "3.55M PiB" }],
    ["many devices", GPU, { quota: 12_345_678 }, { Quota: "12.35M" }],
  ])("%s", (_, resource, change, expected) => {
    render(<QuotaBar resource={resource} amounts={{ ...AMOUNTS, ...change }} />);
    expect(figures()).toMatchObject(expected);
  });

  it("leave out what is promised where it is what is requested", () => {
    render(<QuotaBar resource={GPU} amounts={AMOUNTS} />);
    expect(Object.keys(figures())).toEqual(["Quota", "Requested", "Used", "Cluster free"]);
  });
});

it("leaves out what is never measured", () => {
  const { used, ...amounts } = AMOUNTS;
  render(<QuotaBar resource="pods" amounts={amounts} />);
  expect(Object.keys(figures())).toEqual(["Quota", "Requested", "Cluster free"]);
});

describe("the state of a quota", () => {
  it.each<[string, Partial<Amounts>, ReturnType<typeof quotaState>]>([
    ["room is left", {}, "fine"],
    ["nine tenths are nearly full", { quota: 10, requested: 9 }, "nearlyFull"],
    ["exactly full", { quota: 4 }, "nearlyFull"],
    ["requested beyond it", { quota: 3 }, "over"],
    ["promised beyond it", { reserved: 9 }, "over"],
    ["promised beyond it while requested is not known", { reserved: 9, requested: null }, "over"],
    ["a quota of zero, nothing held", { quota: 0, requested: 0, reserved: 0 }, "fine"],
    ["a quota of zero, something held", { quota: 0 }, "over"],
    ["no quota", { quota: null }, "fine"],
    ["requested not known", { requested: null }, "unknown"],
  ])("%s", (_, change, expected) => {
    expect(quotaState({ ...AMOUNTS, ...change })).toBe(expected);
  });

  it.each<[string, Partial<Amounts>, boolean]>([
    ["the cluster can give the rest", { clusterFree: 4 }, false],
    ["the cluster cannot", { clusterFree: 3 }, true],
    ["what the cluster has is not known", { clusterFree: null }, false],
    ["nothing is left to give", { quota: 2, clusterFree: 0 }, false],
  ])("against the cluster: %s", (_, change, expected) => {
    expect(isAboveCluster({ ...AMOUNTS, ...change })).toBe(expected);
  });
});

describe("the bar", () => {
  it.each<[string, Partial<Amounts>, string, string | undefined]>([
    ["within the quota", {}, "50%", "12.5%"],
    ["requested beyond the quota fills it", { quota: 2 }, "100%", "25%"],
    ["a quota of zero", { quota: 0, requested: 0, reserved: 0, used: 0 }, "0%", "0%"],
    ["used beyond the quota", { quota: 8, used: 16 }, "25%", "100%"],
    ["used not known draws nothing used", { used: null }, "50%", undefined],
  ])("%s", (_, change, requested, used) => {
    render(<QuotaBar resource={GPU} amounts={{ ...AMOUNTS, ...change }} />);
    expect(widthOf("slipway-quota-requested")).toBe(requested);
    expect(widthOf("slipway-quota-used")).toBe(used);
  });

  it("hatches what is not known", () => {
    const { rerender } = render(<QuotaBar resource={GPU} amounts={{ ...AMOUNTS, used: null }} />);
    expect(screen.getByTestId("used-unknown").style.width).toBe("50%");
    rerender(<QuotaBar resource={GPU} amounts={{ ...AMOUNTS, requested: null }} />);
    expect(document.querySelector(".slipway-quota-track.is-unknown")).not.toBeNull();
    expect(widthOf("slipway-quota-requested")).toBeUndefined();
  });

  it("marks the quota and what is beyond it", () => {
    render(<QuotaBar resource={GPU} amounts={{ ...AMOUNTS, quota: 3 }} />);
    expect(widthOf("slipway-quota-over")).toBe("25%");
    expect(screen.getByText("Over quota")).toBeTruthy();
  });

  it("never divides by nothing", () => {
    const empty = { quota: null, requested: null, used: null, clusterFree: null };
    expect(scaleOf(empty)).toBe(1);
  });

  it("says in one line what a table needs", () => {
    render(<CompactQuotaBar resource="cpu" amounts={{ quota: 8, requested: null }} />);
    expect(screen.getByRole("img").getAttribute("aria-label")).toBe(
      "CPU: requested of quota unknown / 8 cores",
    );
  });
});
