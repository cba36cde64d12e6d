import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

/** More are not fetched because an address says so. */
const MOST_PAGES = 40;

/** How far down its list an address leads: `#pages-3` is the third page. */
export function pagesIn(hash: string): number {
  const [, digits] = /^pages-(\d{1,9})$/.exec(hash) ?? [];
  return Math.min(Math.max(Number(digits ?? 1), 1), MOST_PAGES);
}

/**
 * Show as many pages of a list as its address says; return how to show one more.
 *
 * The fragment says it: it is a place on the page, and goes when filters or the order change.
 */
export function usePages<T>(query: UseInfiniteQueryResult<InfiniteData<T>, unknown>): () => void {
  const navigate = useNavigate();
  const wanted = pagesIn(useLocation({ select: ({ hash }) => hash }));
  const { data, fetchNextPage, hasNextPage, isFetching, isFetchNextPageError } = query;
  const shown = data?.pages.length ?? 0;
  const isDue = shown > 0 && shown < wanted && hasNextPage && !isFetching && !isFetchNextPageError;
  useEffect(() => {
    if (isDue) void fetchNextPage();
  }, [isDue, fetchNextPage]);
  return () => {
    void fetchNextPage();
    const hash = `pages-${shown + 1}`;
    void navigate({ to: ".", search: true, hash, replace: true, resetScroll: false });
  };
}
