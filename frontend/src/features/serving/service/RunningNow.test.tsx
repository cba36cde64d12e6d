import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import { api } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import type { Rollout, Service } from "../types";
import { RunningNow } from "./RunningNow";

beforeAll(() => speak("en"));
afterEach(cleanup);

const PATH = { project: "vision", environment: "production", service: "scorer" };
const SERVICE = {
  model: "scorer",
  current_version: "1",
  current_revision: 3,
} as unknown as Service;

async function show(rollouts: Partial<Rollout>[]): Promise<void> {
  const queries = makeKnown();
  const { queryKey } = api.queryOptions(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/rollouts",
    { params: { path: PATH, query: { limit: 20 } } },
  );
  queries.setQueryData(queryKey, { results: rollouts as Rollout[], next: null });
  await showOnPage(<RunningNow service={SERVICE} path={PATH} />, queries);
}

it("says since when and by whom with a space between", async () => {
  const at = new Date().toISOString();
  await show([
    {
      id: "r1",
      kind: "deploy",
      phase: "Succeeded",
      to_revision: 3,
      to_version: "1",
      started_by: "ada",
      started_by_kind: "user",
      started_by_token: "",
      clock: { requested_at: at, finished_at: at } as Rollout["clock"],
    },
  ]);
  const since = screen.getByText("ada").closest(".ant-descriptions-item-content");
  expect(since?.childElementCount).toBe(1);
  expect(since?.textContent?.replace(/\s+/g, " ")).toBe("a few seconds ago · ada");
  expect(screen.getAllByRole("listitem")).toHaveLength(1);
});
