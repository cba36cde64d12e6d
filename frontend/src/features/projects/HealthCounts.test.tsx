import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { HealthCounts } from "./HealthCounts";
import NextSteps from "./NextSteps";

beforeAll(() => speak("en"));
afterEach(cleanup);

describe("how many services are how", () => {
  const show = (counts: Partial<Schemas["HealthCounts"]> | undefined) =>
    showOnPage(
      <HealthCounts project="fraud" counts={counts as Schemas["HealthCounts"]} />,
      makeKnown(),
    );
  const titles = () =>
    [...document.querySelectorAll("[title]")].map((one) => one.getAttribute("title"));

  it("is not none where it is not known", async () => {
    await show(undefined);
    expect(document.body.textContent).toBe("unknown");
  });

  it("begins with what is wrong, and counts what nobody named as none", async () => {
    await show({ Healthy: 3, Degraded: 1 });
    expect(titles()).toEqual([
      "Degraded: 1",
      "Unknown: 0",
      "Progressing: 0",
      "Healthy: 3",
      "Stopped: 0",
    ]);
  });

  it("leads to those, where there are some", async () => {
    await show({ Healthy: 3, Degraded: 1, Unknown: 0 });
    const links = screen.getAllByRole("link");
    expect(links.map((link) => link.getAttribute("href"))).toEqual([
      "/projects/fraud/services?health=Degraded",
      "/projects/fraud/services?health=Healthy",
    ]);
  });
});

describe("the steps to a first service", () => {
  type Done = Parameters<typeof NextSteps>[0]["isDone"];
  const NOTHING: Done = { environment: false, model: false, service: false };
  const ALL = ["environment.write", "model.write", "service.write"];

  async function show(isDone: Partial<Done>, permissions: string[]) {
    const project = { name: "fraud", permissions } as Schemas["ProjectOverviewDetail"];
    await showOnPage(
      <NextSteps project={project} isDone={{ ...NOTHING, ...isDone }} />,
      makeKnown(),
    );
    return [...document.querySelectorAll(".ant-steps-item")].map(
      (step) => /ant-steps-item-(finish|process|wait)/.exec(step.className)?.[1],
    );
  }

  it.each<[string, Partial<Done>, string[], string | undefined]>([
    ["none", {}, ["process", "wait", "wait"], "/projects/fraud/environments"],
    ["the first", { environment: true }, ["finish", "process", "wait"], "/projects/fraud/models"],
    [
      "another than the first",
      { model: true },
      ["process", "finish", "wait"],
      "/projects/fraud/environments",
    ],
    [
      "all but the last",
      { environment: true, model: true },
      ["finish", "finish", "process"],
      "/projects/fraud/roll-out",
    ],
  ])("where %s is done", async (_, isDone, states, href) => {
    expect(await show(isDone, ALL)).toEqual(states);
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual([href]);
  });

  it("lead nowhere whoever may not take the next one, and say who can", async () => {
    await show({}, ["model.write", "service.write"]);
    expect(screen.queryByRole("link")).toBeNull();
  });
});
