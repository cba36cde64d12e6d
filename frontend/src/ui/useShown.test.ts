import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { GLANCE_MS, useShown } from "./useShown";

function turn(hidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("is hidden after a while, and shown at once", () => {
  const { result } = renderHook(useShown);
  expect(result.current).toBe(true);
  turn(true);
  act(() => void vi.advanceTimersByTime(GLANCE_MS - 1));
  expect(result.current).toBe(true);
  act(() => void vi.advanceTimersByTime(1));
  expect(result.current).toBe(false);
  turn(false);
  expect(result.current).toBe(true);
});

it("takes a glance elsewhere for none", () => {
  const { result } = renderHook(useShown);
  turn(true);
  act(() => void vi.advanceTimersByTime(GLANCE_MS / 2));
  turn(false);
  act(() => void vi.advanceTimersByTime(GLANCE_MS));
  expect(result.current).toBe(true);
});
