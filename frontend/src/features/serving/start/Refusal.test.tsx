import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { Refusal } from "./Refusal";

beforeAll(() => speak("en"));
afterEach(cleanup);

const shown = () => document.body.textContent ?? "";

describe("a start that failed", () => {
  const refused = (status: number, details = {}) =>
    new Problem({ title: "", status, detail: "No.", reason: "Conflict", details });
  const CUT = new TypeError("Failed to fetch");
  const show = (error: unknown, created?: string) =>
    showOnPage(<Refusal error={error} created={created} />, makeKnown());

  const EXISTS = "The service scorer was created";
  const UNSURE = "It is not known whether this was carried out";
  it.each<[string, unknown, string | undefined, string[], string[]]>([
    ["was refused", refused(409), undefined, ["No."], [EXISTS, "not known"]],
    ["created the service all the same", refused(409), "scorer", ["No.", EXISTS], ["not known"]],
    ["may have been carried out", CUT, undefined, [UNSURE], [EXISTS]],
    ["created the service, and may have gone on", CUT, "scorer", [EXISTS, "not known"], [UNSURE]],
  ])("%s", async (_, error, created, said, unsaid) => {
    await show(error, created);
    for (const text of said) expect(shown()).toContain(text);
    for (const text of unsaid) expect(shown()).not.toContain(text);
  });

  it("leads to the rollout that is in the way", async () => {
    await show(refused(409, { rollout: "r7" }));
    expect(screen.getByRole("link").getAttribute("href")).toBe("/rollouts/r7");
  });

  it("leads nowhere where none is", async () => {
    await show(refused(409, { rollout: null }));
    expect(screen.queryByRole("link")).toBeNull();
  });
});
