import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { readerOf } from "@/testing/known";
import { within } from "@/testing/page";
import { EnvironmentActions } from "./EnvironmentActions";
import { ProjectActions } from "./ProjectActions";

beforeAll(() => speak("en"));
afterEach(cleanup);

/** Read the buttons on the page, each with why it cannot be used. */
function buttons(): [name: string, whyNot: string][] {
  return screen.getAllByRole("button").map((button) => {
    const [name = "", whyNot = ""] = (
      button.getAttribute("aria-label") ??
      button.textContent ??
      ""
    ).split(": ");
    return [name, whyNot];
  });
}

const PLATFORM = ["quota.write", "traffic.write", "environment.write"];
const LEAVING = "It is being deleted.";
const HELD = "Services still run here. Decommission them first.";
const NOT_PLATFORM = "Only platform admins change environments and quotas. Ask your platform team.";
const NOT_PROJECT = "Only the project's admins change this.";

type Environment = Schemas["Environment"];

describe("what can be done to an environment", () => {
  it.each<[string, string[] | undefined, object, [string, string, string]]>([
    ["by an admin of the platform", PLATFORM, {}, ["", "", ""]],
    ["while it is not known who asks", undefined, {}, ["", "", ""]],
    ["by an admin of the project", ["traffic.write"], {}, [NOT_PLATFORM, "", NOT_PLATFORM]],
    ["by a viewer", [], {}, [NOT_PLATFORM, NOT_PROJECT, NOT_PLATFORM]],
    ["that services hold", PLATFORM, { reserved: { cpu: "1" } }, ["", "", HELD]],
    [
      "that is being deleted",
      PLATFORM,
      { status: { phase: "Terminating" } },
      [LEAVING, LEAVING, LEAVING],
    ],
    [
      "that is being deleted, by a viewer",
      [],
      { status: { phase: "Terminating" } },
      [NOT_PLATFORM, NOT_PROJECT, NOT_PLATFORM],
    ],
  ])("%s", (_, permissions, change, expected) => {
    const environment = {
      project: "fraud",
      name: "staging",
      reserved: {},
      status: { phase: "Ready" },
      ...change,
    } as Environment;
    render(<EnvironmentActions environment={environment} />, {
      wrapper: within(readerOf("fraud", permissions)),
    });
    expect(buttons().map(([, whyNot]) => whyNot)).toEqual(expected);
  });
});

describe("what can be done to a project", () => {
  const PROJECT = { name: "fraud", environments: [] };
  const show = (project: object) =>
    render(<ProjectActions project={project as unknown as Schemas["ProjectOverviewDetail"]} />);

  it.each<[string, string[], object, [string, string][]]>([
    [
      "is everything",
      ["project.update", "project.delete"],
      {},
      [
        ["Edit", ""],
        ["Delete", ""],
      ],
    ],
    ["is what the role allows", ["project.update"], {}, [["Edit", ""]]],
    [
      "is nothing while it is being deleted",
      ["project.update", "project.delete"],
      { deletion_requested_at: "2026-11-30T12:00:00Z" },
      [
        ["Edit", LEAVING],
        ["Delete", LEAVING],
      ],
    ],
  ])("%s", (_, permissions, change, expected) => {
    show({ ...PROJECT, permissions, ...change });
    expect(buttons()).toEqual(expected);
  });

  it("is nothing for a viewer", () => {
    show({ ...PROJECT, permissions: [] });
    expect(screen.queryByRole("button")).toBeNull();
  });
});
