import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { Actor } from "./Actor";

beforeAll(() => speak("en"));
afterEach(cleanup);

describe("who did it", () => {
  it.each([
    ["user", "Person"],
    ["robot", "Token of the project"],
    ["system", "Slipway itself"],
  ] as const)("says that a name is of kind %s", (kind, word) => {
    render(<Actor name="slipway" kind={kind} token="ci" />);
    expect(screen.getByText("slipway")).toBeDefined();
    expect(screen.getByLabelText(word)).toBeDefined();
  });

  it("says which token a person came with", () => {
    render(<Actor name="ada" kind="token" token="laptop" />);
    expect(screen.getByLabelText(/laptop/)).toBeDefined();
  });

  it("gives somebody without a name the word of the kind", () => {
    render(<Actor name="" kind="anonymous" token="" />);
    expect(screen.getByText("Not signed in")).toBeDefined();
  });

  it("says nothing that is not known", () => {
    const { container } = render(<Actor name="ada" kind="" token="" />);
    expect(container.innerHTML).toBe("<span>ada</span>");
  });
});
