import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { api, type Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { PLAN } from "../plan/planned";
import type { AllowedAction, Service } from "../types";
import { ASKED, hasWayBack, WayBack } from "./WayBack";

beforeAll(() => speak("en"));
afterEach(cleanup);

const PATH = { project: "vision", environment: "production", service: "scorer" };
const BACK = { ...PLAN, to_version: "1", to_revision: 3 };

function serviceWith(...actions: Partial<AllowedAction>[]): Service {
  return { current_revision: 4, actions } as unknown as Service;
}

async function said(service: Service, plan?: Partial<Schemas["Plan"]>): Promise<string> {
  const queries = makeKnown();
  const { queryKey } = api.queryOptions(
    "post",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollback",
    { params: { path: PATH }, body: ASKED },
  );
  if (plan) queries.setQueryData(queryKey, { ...BACK, ...plan } as never);
  await showOnPage(<WayBack service={service} path={PATH} />, queries);
  return document.body.textContent ?? "";
}

describe("the way back", () => {
  it("is told with what it leads to and what is not known of it", async () => {
    const text = await said(serviceWith(), {});
    expect(text).toContain("To version 1, revision 3: the quota has room.");
    expect(text).toContain("Nodes and the image are not checked.");
  });

  it("is told with how long it usually takes", async () => {
    const text = await said(serviceWith(), { expected_seconds: { median: 8, p90: 20 } });
    expect(text).toContain("It usually takes 8.0 s, at most 20.0 s in nine of ten");
  });

  it("is none where the quota has no room", async () => {
    const fit = { verdict: "cannot", reason: "QuotaExceeded", message: "Too little cpu." } as const;
    const text = await said(serviceWith(), { fit });
    expect(text).toContain("Too little cpu.");
    expect(text).not.toContain("has room");
  });

  it("is none where the server says why", async () => {
    const refused = { verb: "roll_back", allowed: false, message: "No earlier good revision." };
    expect(await said(serviceWith(refused))).toContain("No earlier good revision.");
  });

  it("is not spoken of to who may not go it, nor where nothing runs", () => {
    const refused = { verb: "roll_back", allowed: false, reason: "Forbidden" };
    expect(hasWayBack(serviceWith())).toBe(true);
    expect(hasWayBack(serviceWith(refused))).toBe(false);
    expect(hasWayBack({ ...serviceWith(), current_revision: null })).toBe(false);
  });
});
