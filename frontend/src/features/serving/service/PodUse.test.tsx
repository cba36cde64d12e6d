import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { PodUse } from "./PodUse";

beforeAll(() => speak("en"));
afterEach(cleanup);

const REQUESTS = { cpu: "2", memory: "8Gi", "nvidia.com/gpu": "1" };

function lines(): string[] {
  return screen.getAllByRole("listitem").map((item) => item.textContent?.trim() ?? "");
}

it("tells what a pod uses of what it requests, cards first", () => {
  const used = {
    cpu: "250m",
    memory: "6Gi",
    "nvidia.com/gpu": "500m",
    "nvidia.com/gpu.memory": "4Gi",
  };
  render(<PodUse requests={REQUESTS} use={{ pod: "a", used, shared: ["nvidia.com/gpu"] }} />);
  expect(lines()).toEqual([
    "GPU 0.5 / 1",
    "CPU 0.25 / 2 cores",
    "Memory 6 GiB / 8 GiB",
    "GPU memory 4 GiB",
  ]);
  expect(screen.getByLabelText("Shared cards: an equal part of their use")).toBeTruthy();
});

it("says of what nobody measured that it is unknown, and never that it is nothing", () => {
  render(<PodUse requests={REQUESTS} use={{ pod: "a", used: { cpu: null }, shared: [] }} />);
  expect(lines()).toEqual(["GPU unknown / 1", "CPU unknown / 2 cores", "Memory unknown / 8 GiB"]);
  cleanup();
  render(<PodUse requests={REQUESTS} use={undefined} />);
  expect(lines()).toEqual(["GPU unknown / 1", "CPU unknown / 2 cores", "Memory unknown / 8 GiB"]);
});
