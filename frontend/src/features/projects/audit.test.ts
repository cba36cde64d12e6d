import { describe, expect, it } from "vitest";
import { changesOf, type FieldChange } from "./auditChanges";
import { pageOf } from "./auditObjects";

describe("what an audited change set", () => {
  it.each<[string, unknown, unknown, FieldChange[]]>([
    ["made", null, { role: "admin" }, [{ field: "role", after: "admin" }]],
    ["taken away", { role: "viewer" }, null, [{ field: "role", before: "viewer" }]],
    ["nothing said", null, null, []],
    [
      "only what differs",
      { a: 1, b: 2 },
      { a: 1, b: 3 },
      [{ field: "b", before: "2", after: "3" }],
    ],
    [
      "deep inside",
      { limits: { cpu: "8", "nvidia.com/gpu": "2" } },
      { limits: { cpu: "8", "nvidia.com/gpu": "4" } },
      [{ field: "limits › nvidia.com/gpu", before: "2", after: "4" }],
    ],
    [
      "added and removed",
      { limits: { cpu: "8" } },
      { limits: { memory: "1Gi" } },
      [
        { field: "limits › cpu", before: "8" },
        { field: "limits › memory", after: "1Gi" },
      ],
    ],
    ["emptied", { note: "x" }, { note: "" }, [{ field: "note", before: "x", after: '""' }]],
    [
      "null is said",
      { version: "1" },
      { version: null },
      [{ field: "version", before: "1", after: "null" }],
    ],
    [
      "lists as a whole",
      { args: ["a"] },
      { args: ["a", "b"] },
      [{ field: "args", before: '["a"]', after: '["a","b"]' }],
    ],
    [
      "empty objects",
      { probes: {} },
      { probes: { path: "/" } },
      [
        { field: "probes", before: "{}" },
        { field: "probes › path", after: "/" },
      ],
    ],
  ])("%s", (_, before, after, changes) => expect(changesOf(before, after)).toEqual(changes));
});

describe("the page of what was changed", () => {
  const EVENT = { action: "x.update", object_id: "7", project: "fraud" };
  it.each([
    ["rollout", "deploy production/scorer", "/rollouts/$rollout", { rollout: "7" }],
    [
      "service",
      "production/scorer",
      "/projects/$project/environments/$environment/services/$service",
      { project: "fraud", environment: "production", service: "scorer" },
    ],
    ["model", "scorer", "/projects/$project/models/$model", { project: "fraud", model: "scorer" }],
    [
      "model version",
      "scorer:3",
      "/projects/$project/models/$model",
      { project: "fraud", model: "scorer" },
    ],
    ["environment", "fraud/production", "/projects/$project/environments", { project: "fraud" }],
    ["user", "ada", "/projects/$project/access", { project: "fraud" }],
    [
      "secret",
      "production/database",
      "/projects/$project/environments/$environment/secrets",
      { project: "fraud", environment: "production" },
    ],
    ["api token", "ci", "/projects/$project/access", { project: "fraud" }],
    ["project", "fraud", "/projects/$project", { project: "fraud" }],
  ])("%s %s", (object_kind, object_name, to, params) =>
    expect(pageOf({ ...EVENT, object_kind, object_name })).toEqual({ to, params }),
  );

  it.each([
    ["is gone", { action: "environment.delete", object_kind: "environment", object_name: "f/p" }],
    ["has no address", { action: "service.update", object_kind: "service", object_name: "scorer" }],
    ["has half an address", { action: "x.update", object_kind: "secret", object_name: "" }],
    [
      "is of the platform, and of no project",
      { action: "x.update", object_kind: "model", object_name: "scorer", project: null },
    ],
    ["is not known here", { action: "x.update", object_kind: "channel", object_name: "chat" }],
  ])("is none where it %s", (_, event) => expect(pageOf({ ...EVENT, ...event })).toBeUndefined());
});
