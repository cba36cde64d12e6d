import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { api, type Schemas } from "@/api/client";
import { makeKnown } from "@/testing/known";
import { within } from "@/testing/page";
import { useHardware } from "./useHardware";

const NODES = [
  { gpu_product: "NVIDIA-L4", capacity: { cpu: "8", "nvidia.com/gpu": "1" } },
  { gpu_product: "", capacity: { cpu: "8", memory: "1Gi", pods: "110" } },
  { gpu_product: "NVIDIA-A10", capacity: { "nvidia.com/mig-1g.5gb": "7", "nvidia.com/gpu": "0" } },
  { gpu_product: "NVIDIA-L4", capacity: {} },
] as unknown as Schemas["NodeOverview"][];

function hardwareOf(cluster: string | undefined) {
  const queries = makeKnown();
  const { queryKey } = api.queryOptions("get", "/api/v1/fleet/nodes", {
    params: { query: { cluster: "east", limit: 500 } },
  });
  queries.setQueryData(queryKey, { next: null, previous: null, results: NODES });
  return renderHook(() => useHardware(cluster), { wrapper: within(queries) }).result.current;
}

describe("the hardware to choose from", () => {
  it("is what the nodes have, once each, besides what all nodes have", () => {
    expect(hardwareOf("east")).toEqual({
      devices: ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb"],
      gpuProducts: ["NVIDIA-A10", "NVIDIA-L4"],
    });
  });

  it.each(["west", undefined])("is nothing before it is known: %s", (cluster) => {
    expect(hardwareOf(cluster)).toEqual({ devices: [], gpuProducts: [] });
  });
});
