import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { type ReactNode, useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { ProblemView } from "./ProblemView";
import { Table, type TableProps } from "./Table";
import { usePages } from "./usePages";

/** A page of a list of the API. */
export interface ListPage<T> {
  results: T[];
  next: string | null;
}

/** How a list continues, for `useInfiniteQuery`. */
export const byCursor = {
  pageParamName: "cursor",
  // Not undefined, which the client would fill in with 0.
  initialPageParam: null,
  getNextPageParam: (last: ListPage<unknown>) =>
    last.next ? (new URL(last.next).searchParams.get("cursor") ?? undefined) : undefined,
};

type Props<T> = Omit<TableProps<T>, "data"> & {
  query: UseInfiniteQueryResult<InfiniteData<ListPage<T>>, unknown>;
  empty: ReactNode;
};

/** A list that pages by cursor: loading, failed, empty, rows, and more of them. */
export function List<T extends object>({ query, empty, ...table }: Props<T>) {
  const { t } = useTranslation();
  const showMore = usePages(query);
  const made = (query.data || query.isPending) && (
    <Table<T>
      scroll={{ x: "max-content" }}
      {...table}
      data={query.data?.pages.flatMap((page) => page.results) ?? []}
      isLoading={query.isPending}
      emptyText={query.isPending ? t("loading") : empty}
    />
  );
  // Many rows are made a few milliseconds at a time, so that whoever reads or types waits for none.
  const shown = useDeferredValue(made);
  return (
    <Flex vertical gap={12}>
      {query.isError && <ProblemView error={query.error} onRetry={() => void query.refetch()} />}
      {shown}
      {query.hasNextPage && (
        <Button loading={query.isFetchingNextPage} onClick={showMore}>
          {t("more")}
        </Button>
      )}
    </Flex>
  );
}
