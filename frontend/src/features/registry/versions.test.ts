import { expect, it } from "vitest";
import { imageParts, safeUrl } from "./versions";

it.each([
  ["https://git.example.com/a/b/-/commit/1", true],
  ["http://git.example.com", true],
  ["javascript:alert(1)", false],
  ["data:text/html,x", false],
  ["git.example.com", false],
  ["", false],
  [undefined, false],
])("follows %s: %s", (url, isSafe) => expect(safeUrl(url)).toBe(isSafe ? url : undefined));

it("splits an image into its name and its digest", () => {
  expect(imageParts("models.example.com/a/b@sha256:12")).toEqual({
    name: "models.example.com/a/b",
    digest: "sha256:12",
  });
  expect(imageParts("")).toEqual({ name: "", digest: "" });
});
