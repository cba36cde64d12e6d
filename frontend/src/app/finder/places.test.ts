import { describe, expect, it } from "vitest";
import { fitting, hereOf, hrefOf, rollOutHref, whereOf } from "./places";

const NOWHERE = { title: "", project: "", environment: "", model: "", cluster: "" };

describe("where the reader is", () => {
  it.each([
    ["/", {}],
    ["/projects", {}],
    ["/fleet", {}],
    ["/projects/vision", { project: "vision" }],
    ["/projects/vision/audit", { project: "vision" }],
    ["/projects/vision/models/ranker", { project: "vision", model: "ranker" }],
    [
      "/projects/vision/environments/production/services/scorer",
      { project: "vision", environment: "production", service: "scorer" },
    ],
  ])("is read from %s", (pathname, expected) => {
    expect(hereOf(pathname)).toEqual(expected);
  });

  it("says what would be rolled out", () => {
    expect(rollOutHref({ project: "vision" })).toBe("/projects/vision/roll-out");
    const here = { project: "vision", environment: "production", service: "scorer" };
    expect(rollOutHref(here)).toBe(
      "/projects/vision/roll-out?environment=production&service=scorer",
    );
  });
});

describe("what was found", () => {
  const place = { ...NOWHERE, project: "vision" };
  it.each([
    [
      { ...NOWHERE, object: "project", name: "vision", title: "Sight" },
      "/projects/vision",
      "Sight",
    ],
    [
      { ...place, object: "service", name: "scorer", environment: "production" },
      "/projects/vision/environments/production/services/scorer",
      "vision / production",
    ],
    [{ ...place, object: "model", name: "ranker" }, "/projects/vision/models/ranker", "vision"],
    [
      { ...place, object: "version", name: "1.2", model: "ranker" },
      "/projects/vision/models/ranker",
      "vision / ranker",
    ],
    [
      { ...NOWHERE, object: "node", name: "gpu-1", cluster: "west" },
      "/fleet?cluster=west&search=gpu-1",
      "west",
    ],
  ] as const)("%j is shown at %s", (found, href, where) => {
    expect(hrefOf(found)).toBe(href);
    expect(whereOf(found)).toBe(where);
  });
});

it("the best fit comes first, and the rest keeps its order", () => {
  const items = ["a pod", "Pods", "pod", "fleet", "podium"].map((label) => ({ label }));
  expect(fitting(items, " POD ").map(({ label }) => label)).toEqual([
    "pod",
    "Pods",
    "podium",
    "a pod",
  ]);
});
