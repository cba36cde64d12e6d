import type { FormInstance } from "antd";
import { asProblem } from "@/api/problem";

/** Turn a JSON pointer into the name of a form field: `/resources/limits/cpu`. */
export function fieldOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Show what the server said about single fields at those fields. */
export function showFieldErrors(form: FormInstance, error: unknown): void {
  for (const { pointer, detail } of asProblem(error).body.errors ?? []) {
    form.setFields([{ name: fieldOf(pointer), errors: [detail] }]);
  }
}
