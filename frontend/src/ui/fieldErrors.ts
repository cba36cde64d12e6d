import type { FormInstance } from "antd";
import { asProblem } from "@/api/problem";

export type FieldPath = (string | number)[];

/** Read a JSON pointer (RFC 6901) as the path of a form's field. */
export function pathOf(pointer: string): FieldPath {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Put what the server said about fields at those fields of a form that are on the page. */
export function showAtFields(
  form: FormInstance,
  error: unknown,
  toField: (path: FieldPath) => FieldPath = (path) => path,
): void {
  const errors = asProblem(error).body.errors ?? [];
  const fields = errors
    .map(({ pointer, detail }) => ({ name: toField(pathOf(pointer)), errors: [detail] }))
    .filter(({ name }) => name.length > 0 && form.getFieldInstance(name));
  form.setFields(fields);
  const [first] = fields;
  if (first) form.scrollToField(first.name, { block: "center" });
}

/** Return what the server said about one place of a body, for fields outside of a form. */
export function fieldError(error: unknown, pointer: string): string | undefined {
  return asProblem(error).body.errors?.find((one) => one.pointer === pointer)?.detail;
}
