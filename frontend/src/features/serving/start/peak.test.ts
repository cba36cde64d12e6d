import { describe, expect, it } from "vitest";
import { type Change, peakOf, previewOf, type Replacement, replacementsOf } from "./peak";

const GPU = "nvidia.com/gpu";
const pods = (count: number, gpus = 1) => ({ count, each: { [GPU]: gpus, cpu: 0.1 } });
const rolling = (max_surge: number, max_unavailable = 0): Replacement => ({
  type: "rolling",
  max_surge,
  max_unavailable,
});
const RECREATE: Replacement = { type: "recreate", max_surge: 0, max_unavailable: 0 };

describe("the replacements that are tried", () => {
  it.each<[string, Parameters<typeof replacementsOf>[0], number, Replacement[]]>([
    [
      "a quarter, one, then one fewer",
      { type: "rolling" },
      8,
      [rolling(2), rolling(1), rolling(0, 1)],
    ],
    ["a quarter of few is one", { type: "rolling" }, 4, [rolling(1), rolling(0, 1)]],
    ["what is stated, and nothing else", { type: "rolling", max_surge: 3 }, 8, [rolling(3)]],
    ["recreating", { type: "recreate" }, 8, [RECREATE]],
  ])("%s", (_, strategy, replicas, expected) => {
    expect(replacementsOf(strategy, replicas)).toEqual(expected);
  });
});

describe("the peak of a change", () => {
  it.each<[string, ReturnType<typeof pods>, ReturnType<typeof pods>, Replacement, number]>([
    ["one extra pod", pods(2), pods(2), rolling(1), 3],
    ["none extra", pods(2), pods(2), rolling(0, 1), 2],
    ["larger new pods", pods(2), pods(2, 2), rolling(1), 5],
    ["more pods", pods(2), pods(4), rolling(1), 5],
    ["fewer pods, on the way back too", pods(4), pods(2), rolling(1), 5],
    ["never both at once", pods(4), pods(3, 2), RECREATE, 6],
  ])("%s", (_, old, wanted, replacement, gpus) => {
    expect(peakOf(old, wanted, replacement)[GPU]).toBe(gpus);
  });
});

const CHANGE: Change = {
  old: pods(2),
  wanted: pods(2),
  held: { [GPU]: 2, cpu: 0.2 },
  returnsTo: 0,
  strategy: { type: "rolling" },
  gpuProduct: "",
  heldProduct: "",
};

describe("what the quota allows", () => {
  const at = (left: number, change: Partial<Change> = {}, products = {}) =>
    previewOf({ ...CHANGE, ...change }, { headroom: { [GPU]: left }, products });
  const gpus = (preview: ReturnType<typeof at>) =>
    preview.needs.find(({ resource }) => resource === GPU);

  it("surges where there is room for it", () => {
    const preview = at(1);
    expect(preview).toMatchObject({ fits: true, replacement: rolling(1) });
    expect(gpus(preview)).toMatchObject({ held: 2, peak: 3, more: 1, left: 1, fits: true });
  });

  it("goes one at a time where there is none", () => {
    expect(at(0)).toMatchObject({ fits: true, replacement: rolling(0, 1) });
  });

  it("refuses growth beyond what is left, and says by how much", () => {
    const preview = at(1, { wanted: pods(4) });
    expect(preview.fits).toBe(false);
    expect(gpus(preview)).toMatchObject({ more: 2, left: 1, fits: false });
  });

  it("lets a service keep what it has under a limit that was lowered", () => {
    expect(at(-3).fits).toBe(true);
  });

  it("does not limit what has no limit, and misses none by a float's last digit", () => {
    const each = { cpu: 0.1, memory: 1 };
    const preview = previewOf(
      { ...CHANGE, old: { count: 0, each: {} }, held: {}, wanted: { count: 3, each } },
      { headroom: { cpu: 0.3 }, products: {} },
    );
    expect(preview).toMatchObject({ fits: true, replacement: undefined });
    expect(preview.needs.map(({ left }) => left)).toEqual([0.3, null]);
  });

  it("allows no device that is not listed", () => {
    const preview = previewOf(CHANGE, { headroom: { cpu: 9 }, products: {} });
    expect(gpus(preview)).toMatchObject({ left: 0, fits: true });
    const anew = { ...CHANGE, old: pods(0), held: {} };
    expect(previewOf(anew, { headroom: { cpu: 9 }, products: {} }).fits).toBe(false);
  });

  it("keeps room for the return from a temporary scale", () => {
    expect(gpus(at(9, { returnsTo: 6 }))?.peak).toBe(6);
  });

  it("counts a limit per GPU product, where one is asked for", () => {
    const asked = { gpuProduct: "NVIDIA-A10", wanted: pods(3), old: pods(0), held: {} };
    expect(at(9, asked, { "NVIDIA-A10": 2 })).toMatchObject({ fits: false });
    expect(at(9, asked, { "NVIDIA-H100": 0 }).fits).toBe(true);
    expect(at(9, { ...asked, gpuProduct: "" }, { "NVIDIA-A10": 2 }).fits).toBe(true);
  });

  it("counts no amounts of a card as cards", () => {
    const each = { [GPU]: 1, "nvidia.com/gpumem": 3000, "nvidia.com/gpucores": 30 };
    const wanted = { count: 2, each };
    const asked = { ...CHANGE, gpuProduct: "NVIDIA-A10", wanted, old: pods(0), held: {} };
    const headroom = { [GPU]: 9, "nvidia.com/gpumem": 9000, "nvidia.com/gpucores": 90 };
    const of = (left: number) => previewOf(asked, { headroom, products: { "NVIDIA-A10": left } });
    expect(of(2).fits).toBe(true);
    expect(of(1).fits).toBe(false);
  });
});
