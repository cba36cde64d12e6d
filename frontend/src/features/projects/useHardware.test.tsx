import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { api, type Schemas } from "@/api/client";
import { makeKnown } from "@/testing/known";
import { within } from "@/testing/page";
import { useHardware } from "./useHardware";

const GPUS = [
  { gpu_product: "NVIDIA-L4", resource: "nvidia.com/gpu" },
  { gpu_product: "", resource: "amd.com/gpu" },
  { gpu_product: "NVIDIA-A10", resource: "nvidia.com/mig-1g.5gb" },
  { gpu_product: "NVIDIA-A10", resource: "nvidia.com/gpu" },
] as unknown as Schemas["Cards"][];

function hardwareOf(cluster: string | undefined) {
  const queries = makeKnown();
  const { queryKey } = api.queryOptions("get", "/api/v1/fleet/summary", {
    params: { query: { cluster: "east" } },
  });
  queries.setQueryData(queryKey, { gpus: GPUS } as unknown as Schemas["FleetSummary"]);
  return renderHook(() => useHardware(cluster), { wrapper: within(queries) }).result.current;
}

describe("the hardware to choose from", () => {
  it("is what the nodes have, once each, besides what all nodes have", () => {
    expect(hardwareOf("east")).toEqual({
      devices: ["amd.com/gpu", "nvidia.com/gpu", "nvidia.com/mig-1g.5gb"],
      gpuProducts: ["NVIDIA-A10", "NVIDIA-L4"],
      isKnown: true,
    });
  });

  it.each(["west", undefined])("is nothing before it is known: %s", (cluster) => {
    expect(hardwareOf(cluster)).toEqual({ devices: [], gpuProducts: [], isKnown: false });
  });
});
