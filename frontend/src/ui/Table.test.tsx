import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { Table } from "./Table";

beforeAll(() => speak("en"));
afterEach(cleanup);

const columns = [{ title: "Name", dataIndex: "name" }];

it("opens and closes the details of a row by a button", () => {
  render(
    <Table
      rowKey="name"
      columns={columns}
      data={[{ name: "fraud" }]}
      expandable={{ expandedRowRender: ({ name }) => `all of ${name}` }}
    />,
  );
  expect(screen.queryByText("all of fraud")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Show details", expanded: false }));
  expect(screen.getByText("all of fraud")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Hide details", expanded: true })).toBeTruthy();
});

it("says why it is empty", () => {
  render(<Table rowKey="name" columns={columns} data={[]} emptyText="Nobody came." />);
  expect(screen.getByText("Nobody came.")).toBeTruthy();
});
