import { describe, expect, it } from "vitest";
import type { Service } from "../types";
import { replicasOf } from "./useOutlook";

const SERVICE = { replicas: 3, temporary_replicas: 5, draft: {} } as unknown as Service;
const drafted = { ...SERVICE, draft: { replicas: 4 } } as unknown as Service;

describe("a number of pods that is for a while", () => {
  it.each<[string, Service, number, object]>([
    ["stays where nobody changes it", SERVICE, 3, { replicas: 5, returnsTo: 3 }],
    ["ends with another number", SERVICE, 2, { replicas: 2, returnsTo: 0 }],
    ["ends with a drafted number", drafted, 4, { replicas: 4, returnsTo: 0 }],
    ["ends where a drafted number is taken back", drafted, 3, { replicas: 3, returnsTo: 0 }],
  ])("%s", (_, service, replicas, expected) => {
    expect(replicasOf(service, { replicas })).toEqual(expected);
  });
});
