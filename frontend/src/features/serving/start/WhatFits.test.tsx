import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { Preflight } from "./usePreflight";
import { WhatFits } from "./WhatFits";

beforeAll(() => speak("en"));
afterEach(cleanup);

const FITS: Preflight = {
  verdict: "unknown",
  reason: "NodesNotChecked",
  message: "",
  replicas: 4,
  highest_replicas: 8,
  replacement: { type: "rolling", max_surge: 1, max_unavailable: 0 },
  needs: [],
  steps: [],
  missing: [],
  placements: [],
};

const shown = () => document.body.textContent ?? "";

describe("what a change does to those who ask meanwhile", () => {
  const STOPS = "All pods stop before new ones start";
  it.each<[string, Partial<Preflight>, number, string]>([
    ["nothing, with a pod more", {}, 4, "with 1 extra pod; as many as now stay available"],
    ["all stop", { replacement: { type: "recreate" } }, 4, STOPS],
    [
      "one fewer answers",
      { replacement: { type: "rolling", max_surge: 0, max_unavailable: 1 } },
      4,
      "3 of 4",
    ],
    [
      "of fewer pods than before, fewer answer",
      { replicas: 2, replacement: { type: "rolling", max_unavailable: 1 } },
      4,
      "1 of 2",
    ],
    [
      "of more pods than before, those that are there",
      { replacement: { type: "rolling", max_unavailable: 1 } },
      3,
      "2 of 3",
    ],
    [
      "nobody answers where the only pod goes first",
      { replicas: 1, replacement: { type: "rolling", max_unavailable: 1 } },
      1,
      "the service does not answer while it is replaced",
    ],
    [
      "nobody answers where more may go than there are",
      { replicas: 2, replacement: { type: "rolling", max_unavailable: 3 } },
      2,
      "the service does not answer while it is replaced",
    ],
  ])("%s", (_, change, oldReplicas, text) => {
    const preflight = { ...FITS, ...change };
    render(<WhatFits environment="e" preflight={preflight} oldReplicas={oldReplicas} />);
    expect(shown()).toContain(text);
  });

  it("is not said where the server says that none is replaced", () => {
    const preflight = { ...FITS, replacement: null };
    render(<WhatFits environment="e" preflight={preflight} oldReplicas={4} />);
    expect(shown()).not.toContain(STOPS);
  });
});

describe("whether a change fits", () => {
  const props = { environment: "staging", oldReplicas: 1 };

  it("is not known before the server has said so", () => {
    render(<WhatFits {...props} preflight={undefined} />);
    expect(shown()).toBe("Quota of stagingNot known yet.");
  });

  it("is said in the server's words where it does not", () => {
    const message = "This needs 2 more cpu.";
    const need = { resource: "cpu", gpu_product: "", held: "2", peak: "4", more: "2", left: "1" };
    const needs = [{ ...need, fits: false }];
    render(<WhatFits {...props} preflight={{ ...FITS, verdict: "cannot", message, needs }} />);
    expect(screen.getByRole("alert").textContent).toContain(message);
    expect(shown()).not.toContain("The quota has room");
  });

  it("does not say of nodes what nobody has checked", () => {
    render(<WhatFits {...props} preflight={FITS} />);
    expect(shown()).toContain("The quota has room.");
    expect(shown()).toContain("Whether a node has room is not checked yet.");
  });

  it.each<[string, Partial<Preflight["needs"][number]>, string[]]>([
    ["a resource", {}, ["CPU", "3 cores", "+1 core", "2 cores"]],
    ["nothing more of it", { more: "0" }, ["CPU", "3 cores", "–", "2 cores"]],
    ["less of it", { more: "-1" }, ["CPU", "3 cores", "–", "2 cores"]],
    ["one that is not limited", { left: null }, ["CPU", "3 cores", "+1 core", "no limit"]],
    ["one of which nothing is left", { left: "0" }, ["CPU", "3 cores", "+1 core", "0 cores"]],
    [
      "one of which too much is held",
      { left: "-500m", fits: false },
      ["CPU", "3 cores", "+1 core", "-0.5 cores"],
    ],
    [
      "cards of a model, by its name",
      { resource: "nvidia.com/gpu", gpu_product: "NVIDIA-A10" },
      ["NVIDIA-A10", "3", "+1", "2"],
    ],
  ])("is told of %s", (_, change, cells) => {
    const need = { resource: "cpu", gpu_product: "", held: "2", peak: "3", more: "1", left: "2" };
    const needs = [{ ...need, fits: true, ...change }];
    render(<WhatFits {...props} preflight={{ ...FITS, needs }} />);
    const row = document.querySelectorAll("tbody tr.ant-table-row td");
    expect([...row].map((cell) => cell.textContent)).toEqual(cells);
  });
});
