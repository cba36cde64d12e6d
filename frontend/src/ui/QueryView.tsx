import { Flex, Skeleton } from "antd";
import type { ReactNode } from "react";
import { ProblemView } from "./ProblemView";

/** What is fetched once or in pages. */
interface Query<T> {
  data: T | undefined;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

interface Props<T> {
  query: Query<T>;
  children: (data: T) => ReactNode;
  /** What stands in while nothing is there yet. */
  skeleton?: ReactNode;
}

/**
 * The states of everything that is fetched: loading, failed, there. What was there before a failure
 * stays on the page below the failure.
 */
export function QueryView<T>({ query, children, skeleton = <Skeleton active /> }: Props<T>) {
  const problem = query.isError && (
    <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  );
  if (query.data === undefined) return problem || skeleton;
  return (
    <Flex vertical gap={16}>
      {problem}
      {children(query.data)}
    </Flex>
  );
}
