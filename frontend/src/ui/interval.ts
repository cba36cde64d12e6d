const DECIMAL = [1, 2, 3, 5, 10];

/** Return a round distance of grid lines that is no less: of bytes 1, 2, 4 … 512 of their unit. */
export function roundInterval(least: number, isBinary: boolean): number {
  if (isBinary) return 2 ** Math.ceil(Math.log2(least));
  const power = Math.floor(Math.log10(least));
  const factor = DECIMAL.find((one) => one * 10 ** power >= least) ?? 10;
  // Dividing keeps 0.3 from being 0.30000000000000004.
  return power < 0 ? factor / 10 ** -power : factor * 10 ** power;
}
