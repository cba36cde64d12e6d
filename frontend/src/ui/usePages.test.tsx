import { QueryClient, useInfiniteQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import { showOnPage } from "@/testing/page";
import { List, type ListPage } from "./List";
import { pagesIn } from "./usePages";

beforeAll(() => speak("en"));
afterEach(cleanup);

const LAST = 5;
interface Row {
  name: string;
}
const ask = vi.fn(
  async (page: number): Promise<ListPage<Row>> => ({
    results: [{ name: `row ${page}` }],
    next: page < LAST ? "more" : null,
  }),
);

function Rows() {
  const query = useInfiniteQuery({
    queryKey: ["rows"],
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: 1,
    getNextPageParam: ({ next }, pages) => (next ? pages.length + 1 : undefined),
  });
  const hash = useLocation({ select: (location) => location.hash });
  return (
    <>
      <output>{hash}</output>
      <List<Row>
        query={query}
        rowKey="name"
        columns={[{ title: "Name", dataIndex: "name" }]}
        empty=""
      />
    </>
  );
}

async function open(address: string): Promise<void> {
  ask.mockClear();
  await showOnPage(<Rows />, new QueryClient(), address);
}

it("shows as many pages as its address says, and one more where that is asked for", async () => {
  await open("/#pages-3");
  await screen.findByText("row 3");
  expect(ask).toHaveBeenCalledTimes(3);
  fireEvent.click(screen.getByText("Load more"));
  await screen.findByText("row 4");
  expect(ask).toHaveBeenCalledTimes(4);
  expect(screen.getByText("pages-4")).toBeTruthy();
});

it("shows what there is where an address leads further", async () => {
  await open("/#pages-9");
  await screen.findByText(`row ${LAST}`);
  expect(ask).toHaveBeenCalledTimes(LAST);
});

it.each([
  ["", 1],
  ["pages-2", 2],
  ["pages-0", 1],
  ["pages-999999999", 40],
  ["pages-x", 1],
  ["drift", 1],
])("%j leads to page %d", (hash, page) => expect(pagesIn(hash)).toBe(page));
