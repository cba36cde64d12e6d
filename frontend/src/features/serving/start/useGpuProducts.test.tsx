import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { api, type Schemas } from "@/api/client";
import { makeKnown } from "@/testing/known";
import { within } from "@/testing/page";
import { type GpuProduct, useGpuProducts } from "./useGpuProducts";

type Cards = Schemas["Cards"];

function cards(gpu_product: string, change: Partial<Cards> = {}): Cards {
  const counts = { total: 8, free: 2, unknown: 0 };
  return { gpu_product, resource: "nvidia.com/gpu", ...counts, ...change } as Cards;
}

function productsOf(gpus: Cards[], cluster: string | undefined): GpuProduct[] {
  const queries = makeKnown();
  const { queryKey } = api.queryOptions("get", "/api/v1/fleet/summary", {
    params: { query: { cluster: "east" } },
  });
  queries.setQueryData(queryKey, { gpus } as Schemas["FleetSummary"]);
  return renderHook(() => useGpuProducts(cluster), { wrapper: within(queries) }).result.current;
}

describe("the GPU models of a cluster", () => {
  it.each<[string, Cards[], GpuProduct[]]>([
    ["with what is free", [cards("A10")], [{ name: "A10", total: 8, free: 2 }]],
    ["of which none is free", [cards("A10", { free: 0 })], [{ name: "A10", total: 8, free: 0 }]],
    [
      "whole and in slices, added up",
      [cards("A100"), cards("L4"), cards("A100", { total: 4, free: 1 })],
      [
        { name: "A100", total: 12, free: 3 },
        { name: "L4", total: 8, free: 2 },
      ],
    ],
    [
      "not counted where some of them are not known",
      [cards("A100"), cards("A100", { unknown: 1 }), cards("L4")],
      [
        { name: "A100", total: null, free: null },
        { name: "L4", total: 8, free: 2 },
      ],
    ],
    ["without cards that name no model", [cards("")], []],
  ])("%s", (_, gpus, products) => {
    expect(productsOf(gpus, "east")).toEqual(products);
  });

  it.each(["west", undefined])("are none before they are known: %s", (cluster) => {
    expect(productsOf([cards("A10")], cluster)).toEqual([]);
  });
});
