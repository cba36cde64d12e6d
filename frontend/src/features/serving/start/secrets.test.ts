import { describe, expect, it } from "vitest";
import { aspectChanges } from "../changes/changes";
import { NEW, specOf } from "./values";

describe("secrets of a service", () => {
  it("says of each only where it is found", () => {
    const secrets = [
      { secret: "database", key: "password", as: "env", env: "PASSWORD", path: "/left/over" },
      { secret: "tls", as: "path", path: "/etc/tls" },
    ] as const;
    expect(specOf({ ...NEW, secrets: [...secrets] }).secrets).toEqual([
      { secret: "database", key: "password", env: "PASSWORD" },
      { secret: "tls", path: "/etc/tls" },
    ]);
  });

  it("shows a change by the variable or the path", () => {
    const before = [{ secret: "database", key: "password", env: "PASSWORD" }];
    const after = [...before, { secret: "tls", path: "/etc/tls" }];
    expect(aspectChanges("secrets", before, after)).toEqual([
      { aspect: "secrets", name: "/etc/tls", before: null, after: "tls" },
    ]);
  });
});
