import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { EnvironmentDrift } from "./EnvironmentDrift";

beforeAll(() => speak("en"));
afterEach(cleanup);

const since = "2026-01-01T00:00:00Z";
const CHANGED = {
  object: "ResourceQuota/slipway",
  field: "spec.hard.requests.cpu",
  wanted: "64",
  found: "900",
  manager: "kubectl-patch",
  since,
};
const BESIDE = {
  object: "ResourceQuota/theirs",
  field: "",
  wanted: null,
  found: "present",
  manager: "",
  since,
};

describe("what differs in an environment", () => {
  it("is not there where nothing differs", () => {
    const { container } = render(<EnvironmentDrift drift={[]} />);
    expect(container.textContent).toBe("");
  });

  it("names the object, the field, both values and who wrote it", () => {
    render(<EnvironmentDrift drift={[CHANGED]} />);
    const row = screen.getByText("spec.hard.requests.cpu").closest("tr");
    const cells = within(row as HTMLElement).getAllByRole("cell");
    expect(cells.map((cell) => cell.textContent).slice(0, 3)).toEqual([
      "ResourceQuota/slipwayspec.hard.requests.cpu",
      "64 → 900",
      "kubectl-patch",
    ]);
  });

  it("says what is left to others, and that it is not known who they are", () => {
    render(<EnvironmentDrift drift={[CHANGED, BESIDE]} />);
    const row = screen.getByText("ResourceQuota/theirs").closest("tr");
    expect(row?.textContent).toContain("left alone");
    expect(row?.textContent).toContain("not known");
  });
});
