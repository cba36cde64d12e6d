import type { Schemas } from "@/api/client";
import { parseQuantity } from "@/lib/quantity";

/** One resource of a change, in cores, bytes or devices; `left` is null where there is no limit. */
export interface Need {
  resource: string;
  gpuProduct: string;
  held: number;
  peak: number;
  more: number;
  left: number | null;
  fits: boolean;
}

/** Read what a change needs as the API writes it. */
export function needsOf(needs: Schemas["Need"][]): Need[] {
  return needs.map(({ resource, gpu_product: gpuProduct, held, peak, more, left, fits }) => ({
    resource,
    gpuProduct,
    held: parseQuantity(held),
    peak: parseQuantity(peak),
    more: parseQuantity(more),
    left: left === null ? null : parseQuantity(left),
    fits,
  }));
}
