import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";

/** Let a hook or a component ask what a test has given to the cache. */
export function within(queries: QueryClient) {
  return ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
}

/** Show something on a page of its own, on which links have addresses. */
export async function showOnPage(
  content: ReactNode,
  queries: QueryClient,
  address = "/",
): Promise<void> {
  const router = createRouter({
    routeTree: createRootRoute({ component: () => content }),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  await router.load();
  // The test's router has no routes; pages link by those of the application.
  render(<RouterProvider router={router as never} />, { wrapper: within(queries) });
}
