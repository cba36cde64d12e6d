import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { CardsByModel } from "./CardsByModel";

beforeAll(() => speak("en"));
afterEach(cleanup);

const CARDS: Schemas["Cards"] = {
  gpu_product: "NVIDIA-A10",
  resource: "nvidia.com/gpu",
  kind: "whole",
  total: 8,
  requested: 0,
  free: 8,
  unavailable: 0,
  unknown: 0,
  nodes: 1,
};

it.each<[string, Partial<Schemas["Cards"]>, string[]]>([
  ["all are free", {}, ["Cards 8", "Requested 0", "Free 8"]],
  [
    "of some nothing is known",
    { requested: 2, free: 0, unknown: 6 },
    ["Cards 8", "Requested 2", "Unknown 6", "Free 0"],
  ],
  ["nothing is known", { free: 0, unknown: 8 }, ["Cards 8", "Unknown 8"]],
  ["there are none", { total: 0, free: 0 }, ["Cards 0", "Requested 0", "Free 0"]],
])("says what is so where %s", async (_, change, figures) => {
  await showOnPage(<CardsByModel gpus={[{ ...CARDS, ...change }]} search={{}} />, makeKnown());
  const shown = [...document.querySelectorAll("dl > div")].map((one) =>
    [...one.children].map((part) => part.textContent).join(" "),
  );
  expect(shown).toEqual(figures);
});
