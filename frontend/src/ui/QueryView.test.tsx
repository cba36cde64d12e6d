import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { byCursor } from "./List";
import { ProblemView } from "./ProblemView";
import { QueryView } from "./QueryView";

beforeAll(() => speak("en"));
afterEach(cleanup);

function refused(status: number, change: Partial<Problem["body"]> = {}): Problem {
  return new Problem({ title: "", status, detail: "No.", reason: "Conflict", ...change });
}

const alert = () => screen.getByRole("alert");

describe("what is fetched", () => {
  function view(data: number | undefined, error?: Problem) {
    const refetch = vi.fn();
    const query = { data, isError: error !== undefined, error, refetch };
    render(
      <QueryView query={query} skeleton="…">
        {(found) => `found ${found}`}
      </QueryView>,
    );
    return refetch;
  }

  it.each<[string, number | undefined, Problem | undefined, string]>([
    ["is awaited", undefined, undefined, "…"],
    ["is there", 3, undefined, "found 3"],
    ["is there although it is nothing", 0, undefined, "found 0"],
  ])("%s", (_, data, error, text) => {
    view(data, error);
    expect(document.body.textContent).toBe(text);
  });

  it("failed, and can be tried again", () => {
    const refetch = view(undefined, refused(503));
    expect(document.body.textContent).not.toContain("…");
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(refetch).toHaveBeenCalledOnce();
  });

  it("stays on the page below a later failure", () => {
    view(3, refused(503));
    expect(alert().textContent).toContain("No.");
    expect(document.body.textContent).toContain("found 3");
  });
});

describe("a problem", () => {
  it.each([
    [403, "warning"],
    [409, "warning"],
    [400, "error"],
    [412, "error"],
    [500, "error"],
    [0, "error"],
  ])("with status %d looks like a %s", (status, tone) => {
    render(<ProblemView error={refused(status)} />);
    expect(alert().className).toContain(`ant-alert-${tone}`);
  });

  it.each<[string, unknown, string]>([
    ["the server's sentence", refused(409), "ConflictNo."],
    [
      "who to blame where nobody answered, and not what the browser calls it",
      new TypeError("Failed to fetch"),
      "Slipway does not answerSlipway does not answer. What you see may be out of date.",
    ],
    [
      "what is wrong of fields, unless the sentence says it",
      refused(400, {
        reason: "Invalid",
        detail: "Too many.",
        errors: [
          { pointer: "/replicas", detail: "Too many." },
          { pointer: "/env/A", detail: "Too long." },
          { pointer: "", detail: "Contradiction." },
        ],
      }),
      "InvalidToo many./env/A Too long./ Contradiction.",
    ],
    ["the number to quote", refused(500, { request_id: "r1" }), "ConflictNo.Request r1"],
    ["a reason that is new here", refused(409, { reason: "SolarFlare" }), "SolarFlareNo."],
  ])("says %s", (_, error, text) => {
    render(<ProblemView error={error} />);
    expect(alert().textContent).toBe(text);
  });

  it.each([
    [404, true],
    [503, false],
  ])("with status %d leads away from a page that is not there: %s", async (status, leads) => {
    await showOnPage(<ProblemView error={refused(status)} onRetry={vi.fn()} />, makeKnown());
    expect(screen.queryByRole("link") !== null).toBe(leads);
  });
});

describe("a list goes on", () => {
  it.each([
    ["where the server says", "https://slipway/api/v1/rollouts?cursor=a%3D%3D&limit=5", "a=="],
    ["nowhere after its last page", null, undefined],
    ["nowhere where the address names no place", "https://slipway/api/v1/rollouts", undefined],
  ])("%s", (_, next, cursor) => {
    expect(byCursor.getNextPageParam({ results: [], next })).toBe(cursor);
  });
});
