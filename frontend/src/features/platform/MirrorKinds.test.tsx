import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { MirrorKinds } from "./MirrorKinds";

const NOW = new Date().toISOString();
const UNHEARD = { heard_at: null, event_at: null, bookmark_at: null, listed_at: null };
const STATUS: Schemas["ClusterStatus"] = {
  reachable: true,
  version: "v1.36.3",
  observed_at: NOW,
  reason: "ClusterForbidden",
  message: "",
  missing_permissions: [{ verb: "list", resource: "nodes" }],
  duplicate_of: null,
  mirrored_at: null,
  stale: true,
  mirror: [
    { ...UNHEARD, kind: "Node", reason: "ClusterForbidden", message: "nodes is forbidden" },
    {
      kind: "Pod",
      heard_at: NOW,
      event_at: NOW,
      bookmark_at: null,
      listed_at: NOW,
      reason: "",
      message: "",
    },
  ],
};

beforeAll(() => speak("en"));
afterEach(cleanup);

it("says of every kind how it is known, and what keeps it from being read", () => {
  render(<MirrorKinds status={STATUS} />);
  const lines = [...document.querySelectorAll("li")].map((line) => line.textContent);
  expect(lines[0]).toBe("Node never synced nodes is forbidden");
  expect(lines[1]).toMatch(/^Pod event .* ago · list .* ago$/);
  expect(lines[2]).toBe("Not allowed: list nodes");
});

it("says that a quiet kind was checked", () => {
  const [before, quiet] = ["2026-11-29T00:00:00Z", STATUS.mirror.at(-1)];
  if (!quiet) throw new Error("no kind");
  const mirror = [{ ...quiet, event_at: before, listed_at: before }];
  render(<MirrorKinds status={{ ...STATUS, mirror }} />);
  expect(document.querySelector("li")?.textContent).toMatch(/^Pod checked .* ago · event .* ago/);
});

it("says nothing of permissions that are not missed or not known", () => {
  for (const missing_permissions of [null, []]) {
    render(<MirrorKinds status={{ ...STATUS, missing_permissions }} />);
    expect(document.body.textContent).not.toContain("Not allowed");
    cleanup();
  }
});
