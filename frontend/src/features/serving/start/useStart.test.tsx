import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { useStart, type Wanted } from "./useStart";

const { post, navigate } = vi.hoisted(() => ({ post: vi.fn(), navigate: vi.fn() }));
vi.mock("@/api/client", () => ({
  client: { POST: post },
  answerOf: ({ data }: { data: unknown }) => data,
}));
vi.mock("@tanstack/react-router", () => ({ useNavigate: () => navigate }));

const NEW = {
  path: { project: "fraud", environment: "staging", service: "scorer" },
  create: { name: "scorer", model: "scorer" },
  rollout: { version: "2", reason: "" },
} as Wanted;
const { create: _, ...EXISTING } = NEW;
const REFUSED = new Problem({ title: "", status: 403, detail: "", reason: "QuotaExceeded" });
const CUT = new TypeError("Failed to fetch");

/** Which requests went out, and under which keys. */
function sent(): [path: string, key: string][] {
  return post.mock.calls.map(([url, { headers }]) => [
    String(url).split("/").at(-1) ?? "",
    headers["Idempotency-Key"],
  ]);
}

function started() {
  const onCreated = vi.fn();
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useStart(onCreated), { wrapper });
  const send = async (wanted: Wanted) => {
    await act(() => result.current.starting.mutateAsync(wanted).catch(() => undefined));
    await waitFor(() => expect(result.current.starting.isPending).toBe(false));
  };
  return { result, send, onCreated };
}

describe("creating a service and starting its first rollout", () => {
  beforeEach(() => {
    post.mockReset().mockResolvedValue({ data: { id: "r1" } });
    navigate.mockReset();
  });

  it("are two requests, and lead to the rollout", async () => {
    const { result, send, onCreated } = started();
    await send(NEW);
    expect(sent().map(([path]) => path)).toEqual(["services", "rollouts"]);
    expect(navigate).toHaveBeenCalledWith({ to: "/rollouts/$rollout", params: { rollout: "r1" } });
    expect(onCreated).not.toHaveBeenCalled();
    expect(result.current.created).toBeUndefined();
  });

  it("says that the service exists when its rollout is refused, and does not create it again", async () => {
    const { result, send, onCreated } = started();
    post.mockResolvedValueOnce({ data: {} }).mockRejectedValueOnce(REFUSED);
    await send(NEW);
    expect(result.current.created).toBe("scorer");
    expect(onCreated).toHaveBeenCalledWith("scorer");
    expect(result.current.starting.error).toBe(REFUSED);
    await send(EXISTING);
    expect(sent().map(([path]) => path)).toEqual(["services", "rollouts", "rollouts"]);
    expect(result.current.created).toBeUndefined();
  });

  it("starts nothing when the service is refused", async () => {
    const { result, send } = started();
    post.mockRejectedValueOnce(REFUSED);
    await send(NEW);
    expect(sent()).toHaveLength(1);
    expect(result.current.created).toBeUndefined();
  });

  it("repeats what got no answer under its own key, so that nothing is done twice", async () => {
    const { send } = started();
    post.mockResolvedValueOnce({ data: {} }).mockRejectedValueOnce(CUT);
    await send(NEW);
    await send(EXISTING);
    const [, first, again] = sent();
    expect(again).toEqual(first);
  });
});
