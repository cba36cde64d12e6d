/** One resource of a change; `left` is null where there is no limit. */
export interface Need {
  resource: string;
  gpuProduct?: string;
  held: number;
  peak: number;
  more: number;
  left: number | null;
  fits: boolean;
}
