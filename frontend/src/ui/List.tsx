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
  const tableOf = (rows: T[] | undefined) => (
    <Table<T>
      scroll={{ x: "max-content" }}
      {...table}
      data={rows ?? []}
      isLoading={!rows}
      emptyText={rows ? empty : t("loading")}
    />
  );
  const made =
    (query.data || query.isPending) && tableOf(query.data?.pages.flatMap((page) => page.results));
  // Many rows are made a few milliseconds at a time, so that whoever reads, types or comes here
  // waits for none.
  const shown = useDeferredValue(made, made && tableOf(undefined));
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
