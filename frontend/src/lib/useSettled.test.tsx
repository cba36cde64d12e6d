import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSettled } from "./useSettled";

describe("a value that settles", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("follows after a pause, and not while it goes on changing", () => {
    const { result, rerender } = renderHook(({ n }) => useSettled({ n }, 300), {
      initialProps: { n: 1 },
    });
    for (const n of [2, 3, 4]) {
      rerender({ n });
      act(() => void vi.advanceTimersByTime(200));
    }
    expect(result.current).toEqual({ n: 1 });
    act(() => void vi.advanceTimersByTime(100));
    expect(result.current).toEqual({ n: 4 });
  });
});
