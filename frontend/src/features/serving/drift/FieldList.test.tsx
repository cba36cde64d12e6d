import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { FieldDrift } from "./drift";
import { FieldList } from "./FieldList";

beforeAll(() => speak("en"));
afterEach(cleanup);

const SINCE = new Date().toISOString();
const REPLICAS: FieldDrift = {
  object: "Deployment/scorer",
  field: "spec.replicas",
  before: 2,
  after: 1,
  manager: "kubectl",
  since: SINCE,
};

const lines = () => screen.getAllByRole("listitem").map((item) => item.textContent);

it("says what was rolled out, what was found, who wrote it and when", () => {
  render(<FieldList label="Differs" fields={[REPLICAS]} />);
  const list = screen.getByRole("list", { name: "Differs" });
  const line = within(list).getAllByRole("listitem").at(-1);
  expect(line?.textContent).toMatch(
    /^spec\.replicas.*rolled out.*2.*found.*1.*written by kubectl · a few seconds ago$/,
  );
});

it.each<[string, Partial<FieldDrift>, RegExp]>([
  ["an object that is gone", { field: "", before: "present", after: null }, /there.*not there/],
  ["an object nobody applied", { field: "", before: null, after: "present" }, /not there.*there/],
  ["a field whose value is a word", { before: "present", after: "" }, /present.*""/],
  ["a writer that nobody knows", { manager: "" }, /writer unknown/],
  ["no number is not zero", { before: 0, after: null }, /0.*not there/],
])("says of %s", (_, change, text) => {
  render(<FieldList label="Differs" fields={[{ ...REPLICAS, ...change }]} />);
  expect(lines().at(-1)).toMatch(text);
});

it("shows the rest of many when it is asked for", () => {
  const many = Array.from({ length: 25 }, (_, index) => ({ ...REPLICAS, field: `f${index}` }));
  render(<FieldList label="Differs" fields={many} />);
  expect(screen.queryByText("f24")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Show all 25" }));
  expect(screen.getByText("f24")).toBeTruthy();
});

it("says of a plan what becomes, and of nobody that he wrote it", () => {
  const { manager: _, since: __, ...planned } = REPLICAS;
  render(<FieldList label="Changes" fields={[planned]} />);
  expect(lines().at(-1)).not.toMatch(/written|rolled out|found/);
  expect(screen.getByLabelText("to")).toBeTruthy();
});
