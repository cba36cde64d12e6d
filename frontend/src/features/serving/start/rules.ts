import { parseQuantity } from "@/lib/quantity";

/** A DNS label that leaves room for what Kubernetes adds to the names of pods. */
export function nameRule(message: string) {
  return { pattern: /^(?=.{1,45}$)[a-z]([-a-z0-9]*[a-z0-9])?$/, message };
}

/** A quantity as Kubernetes writes it, not below zero; an empty one is not stated. */
export function amountRule(message: string) {
  return {
    validator: (_: unknown, text?: string) =>
      !text?.trim() || parseQuantity(text) >= 0
        ? Promise.resolve()
        : Promise.reject(Error(message)),
  };
}
