import { cleanup, render, renderHook, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { readerOf } from "@/testing/known";
import { within } from "@/testing/page";
import type { AllowedAction, Service } from "../types";
import { SendButtons } from "./SendButtons";
import type { Choice } from "./useChoice";
import { useWhyNotStart } from "./useWhyNotStart";

const DEPLOYER = ["rollout.start", "service.write"];
const CHOICE = { project: "fraud", model: "scorer", version: "2" };
const NOT_YOURS = "Your role in this project does not allow it.";

function offer(change: Partial<AllowedAction> = {}): AllowedAction {
  return { verb: "roll_out", allowed: true, reason: "", message: "", ...change } as AllowedAction;
}

function service(actions: AllowedAction[], change: Partial<Service> = {}): Service {
  return { name: "scorer", current_revision: 3, actions, ...change } as Service;
}

const BUSY = service([offer({ allowed: false, message: "A rollout is in progress." })]);

beforeAll(() => speak("en"));
afterEach(cleanup);

describe("why a rollout cannot be started", () => {
  type Asked = [string, string[] | undefined, Partial<Choice>, Service | undefined];
  it.each<[...Asked, string | undefined]>([
    ["it can", DEPLOYER, {}, service([offer()]), undefined],
    ["it can, of a new service", DEPLOYER, {}, undefined, undefined],
    ["a viewer", ["project.view"], {}, service([offer()]), NOT_YOURS],
    ["who may not create", ["rollout.start"], {}, undefined, NOT_YOURS],
    ["who need not create", ["rollout.start"], {}, service([offer()]), undefined],
    ["a role that is not known yet bars nobody", undefined, {}, service([offer()]), undefined],
    ["the server would refuse it", DEPLOYER, {}, BUSY, "A rollout is in progress."],
    ["the role comes first", [], {}, BUSY, NOT_YOURS],
    [
      "the name of a refusal without a sentence",
      DEPLOYER,
      {},
      service([offer({ allowed: false, reason: "RolloutInProgress" })]),
      "A rollout is in progress",
    ],
    [
      "a refusal that says nothing",
      DEPLOYER,
      {},
      service([offer({ allowed: false })]),
      "Not possible in the current state.",
    ],
    [
      "the refusal of something else",
      DEPLOYER,
      {},
      service([offer({ verb: "scale", allowed: false, message: "No." })]),
      undefined,
    ],
    ["no model", DEPLOYER, { model: undefined as never }, undefined, "Choose a model"],
    ["no version", DEPLOYER, { version: "" }, undefined, "Choose a version"],
    [
      "a service knows its model itself",
      DEPLOYER,
      { model: "", version: "" },
      service([offer()]),
      "Choose a version",
    ],
  ])("%s", (_, permissions, choice, of, expected) => {
    const asked = { choice: { ...CHOICE, ...choice }, service: of };
    const { result } = renderHook(() => useWhyNotStart(asked), {
      wrapper: within(readerOf("fraud", permissions)),
    });
    expect(result.current).toBe(expected);
  });
});

describe("the buttons below the settings", () => {
  function show(of: Service | undefined, isChanged: boolean, permissions = DEPLOYER): void {
    const state = { isChanged, isStarting: false, isKeeping: false };
    const act = { onStart: () => undefined, onKeep: () => undefined };
    render(<SendButtons choice={CHOICE} service={of} {...state} {...act} />, {
      wrapper: within(readerOf("fraud", permissions)),
    });
  }

  const names = () =>
    screen
      .getAllByRole("button")
      .map((button) => button.getAttribute("aria-label") ?? button.textContent);

  it.each<[string, Service | undefined, boolean, string[] | undefined, string[]]>([
    ["of a new service", undefined, true, undefined, ["Create and roll out"]],
    [
      "of one that was never rolled out",
      service([offer()], { current_revision: null }),
      true,
      undefined,
      ["Roll out"],
    ],
    ["of one that runs", service([offer()]), true, undefined, ["Roll out", "Keep as a draft"]],
    [
      "with nothing to keep",
      service([offer()]),
      false,
      undefined,
      ["Roll out", "Keep as a draft: Nothing here differs from what runs or is already drafted."],
    ],
    [
      "while a rollout runs, beside which one may draft",
      BUSY,
      true,
      undefined,
      ["Roll out: A rollout is in progress.", "Keep as a draft"],
    ],
    [
      "for a viewer",
      service([offer()]),
      true,
      [],
      [`Roll out: ${NOT_YOURS}`, `Keep as a draft: ${NOT_YOURS}`],
    ],
  ])("%s", (_, of, isChanged, permissions, expected) => {
    show(of, isChanged, permissions);
    expect(names()).toEqual(expected);
  });

  it("say in words below them why they cannot work", () => {
    show(BUSY, true);
    expect(screen.getByText("A rollout is in progress.")).toBeTruthy();
  });
});
