import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
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

function stubWidth(isNarrow: boolean) {
  const media = { matches: isNarrow, addEventListener: vi.fn(), removeEventListener: vi.fn() };
  vi.stubGlobal("matchMedia", () => media);
}
afterEach(() => vi.unstubAllGlobals());

it("keeps the parts of a cell together on a phone, beside the title", () => {
  stubWidth(true);
  const parted = [
    {
      title: "By",
      render: () => (
        <>
          <b>ada</b> <i>you</i>
        </>
      ),
    },
  ];
  render(<Table rowKey="name" columns={parted} data={[{ name: "fraud" }]} />);
  const cell = screen.getByText("ada").closest("td");
  expect(cell?.dataset.title).toBe("By");
  expect([...(cell?.children ?? [])].map(({ textContent }) => textContent)).toEqual(["ada you"]);
});

describe("on a phone, where the head that sorts is hidden", () => {
  const sorted = [
    { title: "Name", sortBy: "name" },
    { title: "Versions", sortBy: "-versions" },
    { title: "Why" },
  ];

  function showAt(isNarrow: boolean, ordering?: string) {
    stubWidth(isNarrow);
    const onOrder = vi.fn();
    render(<Table columns={sorted} data={[]} ordering={ordering} onOrder={onOrder} />);
    return onOrder;
  }

  it("offers every order by its name, and that of the list itself", () => {
    const onOrder = showAt(true);
    const choice = screen.getByRole<HTMLSelectElement>("combobox", { name: "Order by" });
    expect([...choice.options].map(({ value, text }) => [value, text])).toEqual([
      ["", "As listed"],
      ["name", "Name, ascending"],
      ["-name", "Name, descending"],
      ["-versions", "Versions, descending"],
      ["versions", "Versions, ascending"],
    ]);
    fireEvent.change(choice, { target: { value: "-versions" } });
    expect(onOrder).toHaveBeenLastCalledWith("-versions");
    fireEvent.change(choice, { target: { value: "" } });
    expect(onOrder).toHaveBeenLastCalledWith(undefined);
  });

  it("shows an order that an address names and no column has", () => {
    showAt(true, "nonsense");
    expect(screen.getByRole<HTMLSelectElement>("combobox").value).toBe("nonsense");
  });

  it("is not there where the head is", () => {
    showAt(false);
    expect(screen.queryByRole("combobox")).toBeNull();
  });
});
