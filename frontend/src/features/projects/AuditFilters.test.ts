import { expect, it } from "vitest";
import { type AuditSearch, ofKind } from "./AuditFilters";

it.each<[string, AuditSearch, AuditSearch]>([
  [
    "another day keeps the one object",
    { object_kind: "service", since: "2026-11-30" },
    { object_id: "7" },
  ],
  ["another kind lets go of it", { object_kind: "quota" }, {}],
  ["no kind lets go of it", {}, {}],
])("%s", (_, to, kept) => {
  const shown = { object_kind: "service", object_id: "7" };
  expect(ofKind({ ...to, object_id: "7" }, shown)).toEqual({ ...to, ...kept });
});
