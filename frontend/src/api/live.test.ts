import { describe, expect, it } from "vitest";
import { isAffected } from "./live";

const PROJECT = "/api/v1/projects/{project}";
const inFraud = { params: { path: { project: "fraud" } } };
const aboutFraud = { params: { query: { project: "fraud" } } };

function query(path: string, init?: object) {
  return ["get", path, init];
}

describe("a change", () => {
  it.each<[string, string, string | null, unknown[], boolean]>([
    ["a role", "project", "fraud", query(`${PROJECT}/members`, inFraud), true],
    ["a role", "project", "fraud", query("/api/v1/me"), true],
    ["a role elsewhere", "project", "search", query(`${PROJECT}/members`, inFraud), false],
    ["a token", "token", "fraud", query(`${PROJECT}/tokens`, inFraud), true],
    ["a token", "token", "fraud", query(`${PROJECT}/services`, inFraud), false],
    ["a quota", "environment", "fraud", query(`${PROJECT}/environments`, inFraud), true],
    ["an audit row", "audit_event", "fraud", query("/api/v1/audit-events", aboutFraud), true],
    [
      "an audit row elsewhere",
      "audit_event",
      "x",
      query("/api/v1/audit-events", aboutFraud),
      false,
    ],
    ["an audit row", "audit_event", "fraud", query(`${PROJECT}/members`, inFraud), false],
    ["a rollout elsewhere", "rollout", "search", query("/api/v1/rollouts", aboutFraud), false],
    ["a rollout", "rollout", "fraud", query("/api/v1/rollouts"), true],
    ["what is read before it is edited", "project", "fraud", ["read first", "id", 0], false],
    ["something new", "channel", "fraud", query("/api/v1/channels"), true],
  ])("of %s (%s in %s) and %j: %s", (_, object, project, key, affects) =>
    expect(isAffected(key, { object, id: "1", project })).toBe(affects),
  );
});
