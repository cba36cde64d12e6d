import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SearchBox } from "./SearchBox";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A search of which the address says `text`. */
function searchOf(text: string) {
  const asked: string[] = [];
  const ask = (wanted: string) => void asked.push(wanted);
  const { rerender } = render(<SearchBox label="Search" value={text} onSearch={ask} />);
  const box = screen.getByRole<HTMLInputElement>("textbox");
  return {
    asked,
    box,
    type: (typed: string) => fireEvent.change(box, { target: { value: typed } }),
    wait: () => act(() => void vi.advanceTimersByTime(300)),
    goTo: (address: string) =>
      rerender(<SearchBox label="Search" value={address} onSearch={ask} />),
  };
}

describe("a search", () => {
  it("is asked for when nobody has typed for a moment, and once", () => {
    const { asked, type, wait } = searchOf("");
    for (const typed of ["n", "no", "node"]) type(typed);
    expect(asked).toEqual([]);
    wait();
    wait();
    expect(asked).toEqual(["node"]);
  });

  it.each([
    ["spaces around what was asked for", "node", " node "],
    ["what was asked for, again", "node", "node"],
    ["spaces alone", "", "  "],
  ])("is not asked for with %s", (_, before, typed) => {
    const { asked, type, wait } = searchOf(before);
    type("other");
    type(typed);
    wait();
    expect(asked).toEqual([]);
  });

  it("does not overtake a link that is followed before it is asked for", () => {
    const { asked, type, wait } = searchOf("");
    type("node");
    const here = window.location.pathname;
    window.history.pushState(null, "", "/elsewhere");
    wait();
    window.history.pushState(null, "", here);
    expect(asked).toEqual([]);
  });

  it("is asked for nothing any more when it is emptied", () => {
    const { asked, type, wait } = searchOf("node");
    type("");
    wait();
    expect(asked).toEqual([""]);
  });

  it("follows the address, back and forward, and does not ask for it again", () => {
    const { asked, box, type, wait, goTo } = searchOf("a");
    type("ab");
    wait();
    goTo("ab");
    goTo("a");
    expect(box.value).toBe("a");
    wait();
    expect(asked).toEqual(["ab"]);
  });

  it("keeps what is typed while the address still follows what was asked for", () => {
    const { box, type, wait, goTo } = searchOf("");
    type("no");
    wait();
    type("node");
    goTo("no");
    expect(box.value).toBe("node");
  });
});
