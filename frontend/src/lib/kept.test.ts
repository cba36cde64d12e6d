import { beforeEach, describe, expect, it } from "vitest";
import {
  keep,
  keepFor,
  kept,
  keptHref,
  MOST_RECENTS,
  named,
  parseKept,
  visited,
  without,
} from "./kept";

const place = (href: string, title = href) => ({ href, title });

describe("what a browser keeps", () => {
  beforeEach(() => localStorage.clear());

  it.each([null, "", "{", "null", "7", '{"recents":7,"views":{"a":1}}'])(
    "%j counts as nothing",
    (text) => {
      expect(parseKept(text)).toEqual({ recents: [], favourites: [], views: [], hasKeys: true });
    },
  );

  it("leads only to addresses of the dashboard", () => {
    const recents = ["/fleet", "//evil.example", "/\\evil.example", "https://evil.example", 7, ""];
    const text = JSON.stringify({ recents: recents.map((href) => ({ href, title: "x" })) });
    expect(parseKept(text).recents).toEqual([place("/fleet", "x")]);
  });

  it("is everybody's own", () => {
    keepFor("ada");
    keep({ favourites: [place("/fleet")] });
    keepFor("bob");
    expect(kept().favourites).toEqual([]);
    keepFor("ada");
    expect(kept().favourites).toEqual([place("/fleet")]);
  });
});

describe("where somebody was", () => {
  it("is named once, the last place first", () => {
    const found = visited([place("/a"), place("/b", "old")], place("/b", "new"));
    expect(found).toEqual([place("/b", "new"), place("/a")]);
  });

  it("is forgotten after a dozen other places", () => {
    let found = [place("/first")];
    for (let n = 0; n < MOST_RECENTS; n++) found = visited(found, place(`/${n}`));
    expect(found).toHaveLength(MOST_RECENTS);
    expect(found).not.toContainEqual(place("/first"));
  });

  it("goes where it is taken out", () => {
    expect(without([place("/a"), place("/b")], "/a")).toEqual([place("/b")]);
  });
});

it("a page is kept by its path and its tab", () => {
  expect(keptHref("/fleet", null)).toBe("/fleet");
  expect(keptHref("/projects/a", "logs")).toBe("/projects/a?tab=logs");
});

describe("a view", () => {
  it("takes the place of the one of its name, of the same list", () => {
    const views = [place("/rollouts?phase=Failed", "mine"), place("/fleet?ready=no", "mine")];
    expect(named(views, place("/rollouts?kind=scale", "mine"))).toEqual([
      place("/fleet?ready=no", "mine"),
      place("/rollouts?kind=scale", "mine"),
    ]);
  });
});
