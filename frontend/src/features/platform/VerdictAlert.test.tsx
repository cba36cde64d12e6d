import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { PartHealth, Verdict } from "./health";
import { VerdictAlert } from "./VerdictAlert";

beforeAll(() => speak("en"));
afterEach(cleanup);

const NOBODY: Verdict = { ours: [], theirs: [], unclear: [], missed: [] };

function part(name: PartHealth["name"], instance: string): PartHealth {
  return { name, state: "late", instance, observed_at: null, version: "", reason: "", message: "" };
}

const WORKER = part("worker", "a");
const CLUSTER = part("cluster", "east");

describe("whose problem it is, at a glance", () => {
  it.each<[string, Partial<Verdict>, string]>([
    ["nobody's", {}, "success"],
    ["ours", { ours: [WORKER] }, "error"],
    ["theirs", { theirs: [CLUSTER] }, "error"],
    ["both", { ours: [WORKER], theirs: [CLUSTER] }, "error"],
    ["not clear is not well", { unclear: [CLUSTER] }, "warning"],
    ["nobody's yet is not well", { missed: [WORKER] }, "warning"],
    ["theirs before what is not clear", { theirs: [CLUSTER], unclear: [WORKER] }, "error"],
  ])("%s", (_, verdict, tone) => {
    render(<VerdictAlert verdict={{ ...NOBODY, ...verdict }} />);
    expect(screen.getByRole("status").className).toContain(`ant-alert-${tone}`);
  });

  it("is told apart in words, not by colour alone", () => {
    const verdicts: Partial<Verdict>[] = [
      {},
      { ours: [WORKER] },
      { theirs: [WORKER] },
      { ours: [WORKER], theirs: [CLUSTER] },
      { unclear: [WORKER] },
      { missed: [WORKER] },
    ];
    const titles = verdicts.map((verdict) => {
      const { unmount } = render(<VerdictAlert verdict={{ ...NOBODY, ...verdict }} />);
      const title = document.querySelector(".ant-alert-title")?.textContent;
      unmount();
      return title;
    });
    expect(new Set(titles).size).toBe(verdicts.length);
  });

  it("says that all else is old where we are to blame, and names each part", () => {
    render(<VerdictAlert verdict={{ ...NOBODY, ours: [WORKER], theirs: [CLUSTER] }} />);
    const lines = screen.getAllByRole("listitem").map((item) => item.textContent);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^Worker a:/);
    expect(lines[1]).toMatch(/east/);
  });
});
