import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const KEY = "slipway.preferences";

/** Open the pages anew, in a browser that has kept something. */
async function openWith(kept: string | null, language = "en-GB") {
  vi.resetModules();
  localStorage.clear();
  if (kept !== null) localStorage.setItem(KEY, kept);
  vi.spyOn(navigator, "language", "get").mockReturnValue(language);
  return import("./preferences");
}

/** A system of which a test says what it prefers. */
function systemThat(prefers: { dark: boolean }) {
  const listeners = new Set<() => void>();
  vi.spyOn(window, "matchMedia").mockImplementation(
    (query) =>
      ({
        get matches() {
          return query.includes("dark") && prefers.dark;
        },
        addEventListener: (_: string, listener: () => void) => listeners.add(listener),
        removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
      }) as unknown as MediaQueryList,
  );
  const tell = () => {
    for (const listener of listeners) listener();
  };
  return { tell, listeners };
}

beforeEach(() => void systemThat({ dark: false }));
afterEach(() => void vi.restoreAllMocks());

describe("what somebody prefers", () => {
  it.each([
    ["nothing was kept", null, "en-GB", { theme: "system", language: "en" }],
    ["the browser speaks Chinese", null, "zh-TW", { theme: "system", language: "zh" }],
    ["the browser speaks something else", null, "fr", { theme: "system", language: "en" }],
    ["some of it was kept", '{"theme":"dark"}', "zh-CN", { theme: "dark", language: "zh" }],
    ["it was chosen", '{"language":"en"}', "zh-CN", { theme: "system", language: "en" }],
    ["what was kept is broken", '{"theme":', "en-GB", { theme: "system", language: "en" }],
    ["what was kept is nothing", "null", "en-GB", { theme: "system", language: "en" }],
  ])("where %s", async (_, kept, language, expected) => {
    const { preferences } = await openWith(kept, language);
    expect(preferences()).toEqual(expected);
  });

  it.each([
    [null, false],
    ["{}", false],
    ['{"theme":"dark"}', false],
    ['{"language":"zh"}', true],
    ["null", false],
    ["7", false],
  ])("is known to be a language where %j was kept: %s", async (kept, expected) => {
    const { hasChosenLanguage } = await openWith(kept);
    expect(hasChosenLanguage()).toBe(expected);
  });

  it("is kept, one choice beside the other, and every page is told", async () => {
    const { prefer, usePreferences } = await openWith(null);
    const { result } = renderHook(() => usePreferences());
    act(() => prefer({ theme: "dark" }));
    act(() => prefer({ language: "zh" }));
    expect(result.current).toEqual({ theme: "dark", language: "zh" });
    expect(JSON.parse(localStorage.getItem(KEY) ?? "")).toEqual(result.current);
  });
});

describe("a page is dark", () => {
  it.each([
    ["where the system is and nobody chose", "system", true, true],
    ["where that was chosen", "dark", false, true],
    ["not where light was chosen, whatever the system", "light", true, false],
  ])("%s", async (_, theme, dark, expected) => {
    systemThat({ dark });
    const { useIsDark } = await openWith(JSON.stringify({ theme }));
    expect(renderHook(() => useIsDark()).result.current).toBe(expected);
  });

  it("from when the system becomes so, and is told no more when it has gone", async () => {
    const prefers = { dark: false };
    const system = systemThat(prefers);
    const { useIsDark } = await openWith(null);
    const { result, unmount } = renderHook(() => useIsDark());
    prefers.dark = true;
    act(system.tell);
    expect(result.current).toBe(true);
    unmount();
    expect(system.listeners.size).toBe(0);
  });
});
