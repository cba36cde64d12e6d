import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { within } from "@/testing/page";
import { UnattributedCards } from "./UnattributedCards";

beforeAll(() => speak("en"));
afterEach(cleanup);

describe("cards that are nobody's", () => {
  type Cluster = Schemas["ClusterUnattributed"];
  const CARDS = { resource: "nvidia.com/gpu", cards: 2, used: 0.5, memory_used_bytes: 2 ** 30 };

  function show(clusters: Partial<Cluster>[], chosen?: string): string[] {
    render(<UnattributedCards clusters={clusters as Cluster[]} chosen={chosen} />, {
      wrapper: within(makeKnown()),
    });
    return screen.queryAllByRole("listitem").map((item) => item.textContent ?? "");
  }

  const EAST = { cluster: "east", unattributed: [CARDS], reason: "" } as Partial<Cluster>;
  const WEST = { cluster: "west", unattributed: null, reason: "NoData" } as Partial<Cluster>;
  const NORTH = { cluster: "north", unattributed: [], reason: "" } as Partial<Cluster>;

  it.each<[string, Partial<Cluster>[], string | undefined, RegExp[]]>([
    ["are counted", [EAST], undefined, [/^east: .*2.*0\.5.*1 GiB/]],
    ["are not known, and why", [WEST], undefined, [/^west: unknown \(No data\)$/]],
    ["are none", [NORTH], undefined, []],
    ["are those of the cluster that is shown", [EAST, WEST], "west", [/^west/]],
  ])("%s", (_, clusters, chosen, lines) => {
    const found = show(clusters, chosen);
    expect(found).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(found[index]).toMatch(line);
  });

  it("are not nothing where how busy they are is not known", () => {
    const cards = { ...CARDS, used: null, memory_used_bytes: null };
    const [line] = show([{ ...EAST, unattributed: [cards] } as Partial<Cluster>]);
    expect(line).toMatch(/2.*unknown.*unknown/);
  });
});
