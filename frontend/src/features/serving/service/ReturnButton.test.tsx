import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { AllowedAction, Service } from "../types";
import { ReturnButton } from "./ReturnButton";

beforeAll(() => speak("en"));
afterEach(cleanup);

const PATH = { project: "vision", environment: "production", service: "scorer" };

function refusing(verb: string, message: string): AllowedAction[] {
  return [{ verb, allowed: false, reason: "Conflict", message }];
}

function namesOf(service: Partial<Service>): (string | null)[] {
  const shown = { current_revision: 4, actions: [], ...service } as unknown as Service;
  render(<ReturnButton service={shown} path={PATH} revision={3} />);
  return screen.queryAllByRole("button").map((button) => button.getAttribute("aria-label"));
}

describe("the way back to revision 3", () => {
  it.each<[string, Partial<Service>, string[]]>([
    ["is open while another runs", {}, ["Return to revision 3"]],
    ["is not offered where it runs already", { current_revision: 3 }, []],
    [
      "says why it is closed, in the server's words",
      { actions: refusing("roll_out", "A rollout is in progress.") },
      ["Return to revision 3: A rollout is in progress."],
    ],
    [
      "is open where nothing runs any more",
      { current_revision: null, actions: refusing("restart", "Nothing runs.") },
      ["Return to revision 3"],
    ],
    [
      "is open where only the last good one cannot be returned to",
      { actions: refusing("roll_back", "No earlier good revision.") },
      ["Return to revision 3"],
    ],
  ])("%s", (_, service, names) => {
    expect(namesOf(service)).toEqual(names);
  });
});
