import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import { api, type Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import type { Service } from "../types";
import { LatestChanges } from "./LatestChanges";

beforeAll(() => speak("en"));
afterEach(cleanup);

const PATH = { project: "vision", environment: "production", service: "scorer" };

async function show(results: Partial<Schemas["AuditEvent"]>[]): Promise<void> {
  const queries = makeKnown();
  const object = { object_kind: "service", object_id: "s7" };
  const { queryKey } = api.queryOptions("get", "/api/v1/audit-events", {
    params: { query: { project: "vision", ...object, limit: 10 } },
  });
  queries.setQueryData(queryKey, { results: results as Schemas["AuditEvent"][], next: null });
  await showOnPage(<LatestChanges service={{ id: "s7" } as Service} path={PATH} />, queries);
}

it("says who changed a service, and leads to all of that", async () => {
  await show([
    {
      id: 1,
      at: "2026-11-30T02:00:00Z",
      action: "service.update",
      actor: "ada",
      actor_kind: "user",
    },
  ]);
  expect(screen.getByRole("listitem").textContent).toMatch(/Service settings changed · *ada$/);
  expect(screen.getByRole("link", { name: "All changes" }).getAttribute("href")).toBe(
    "/projects/vision/audit?object_kind=service&object_id=s7",
  );
});

it("says that nobody did", async () => {
  await show([]);
  expect(screen.getByText("Nobody has changed its settings.")).toBeTruthy();
});
