import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { speak } from "@/lib/i18n";
import { PLAN } from "../plan/planned";
import type { Plan } from "../plan/usePlan";
import type { Service } from "../types";
import { ResolveDialog } from "./ResolveDialog";

const { post, navigate } = vi.hoisted(() => ({ post: vi.fn(), navigate: vi.fn() }));
vi.mock("@/api/client", () => ({
  client: { POST: post },
  answerOf: ({ data }: { data: unknown }) => data,
}));
vi.mock(import("@tanstack/react-router"), async (original) => ({
  ...(await original()),
  useNavigate: () => navigate,
}));

const PATH = { project: "fraud", environment: "production", service: "scorer" };
const SERVICE = { name: "scorer", desired_replicas: 2 } as Service;

function planned(plan: string, found: number): Plan {
  const changes = [{ object: "Deployment/scorer", field: "spec.replicas", from: found, to: 2 }];
  return { ...PLAN, plan, kind: "rollback", changes };
}

function refused(reason: string, details: Record<string, unknown> = {}): Problem {
  return new Problem({ title: "", status: 409, detail: "No.", reason, details });
}

function open(verb: "restore" | "take_over"): void {
  const client = new QueryClient();
  render(
    <QueryClientProvider client={client}>
      <ResolveDialog verb={verb} service={SERVICE} path={PATH} onClose={() => undefined} />
    </QueryClientProvider>,
  );
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });
const bodies = () => post.mock.calls.map(([, { body }]) => body);

beforeAll(() => speak("en"));
beforeEach(() => {
  post.mockReset();
  navigate.mockReset();
});
afterEach(cleanup);

describe("what ends a drift", () => {
  it("is planned first, and starts just that plan", async () => {
    post.mockResolvedValueOnce({ data: planned("p1", 1) });
    post.mockResolvedValueOnce({ data: { id: "r1" } });
    open("restore");
    expect(button("Restore").disabled).toBe(true);
    expect(await screen.findByText("spec.replicas")).toBeTruthy();
    fireEvent.click(button("Restore"));
    await waitFor(() => expect(navigate).toHaveBeenCalledOnce());
    expect(bodies()).toEqual([
      { dry_run: true, plan: "", reason: "" },
      { dry_run: false, plan: "p1", reason: "" },
    ]);
    expect(post.mock.calls[1]?.[1].headers["Idempotency-Key"]).toBeTruthy();
  });

  it("is planned anew when the plan is out of date, and says so", async () => {
    post.mockResolvedValueOnce({ data: planned("p1", 1) });
    post.mockRejectedValueOnce(refused("PlanStale"));
    post.mockResolvedValueOnce({ data: planned("p2", 5) });
    post.mockResolvedValueOnce({ data: { id: "r1" } });
    open("restore");
    await screen.findByText("spec.replicas");
    fireEvent.click(button("Restore"));
    expect(await screen.findByText("The plan is out of date")).toBeTruthy();
    expect(await screen.findByText("5")).toBeTruthy();
    expect(screen.getByText(/plan has changed/)).toBeTruthy();
    expect(navigate).not.toHaveBeenCalled();

    await waitFor(() => expect(button("Restore").disabled).toBe(false));
    fireEvent.click(button("Restore"));
    await waitFor(() => expect(navigate).toHaveBeenCalledOnce());
    expect(bodies().at(-1)).toEqual({ dry_run: false, plan: "p2", reason: "" });
    const keys = post.mock.calls.map(([, { headers }]) => headers?.["Idempotency-Key"]);
    expect(keys[1]).not.toBe(keys[3]);
  });

  it("names every field that no revision can hold, and cannot be started", async () => {
    const fields = ["Deployment/scorer spec.template.spec.containers[proxy]", "Service/scorer"];
    post.mockRejectedValueOnce(refused("CannotBeTakenOver", { fields }));
    open("take_over");
    const list = await screen.findByRole("region", { name: "What a revision cannot hold" });
    expect([...list.querySelectorAll("li")].map((item) => item.textContent)).toEqual(fields);
    expect(button("Take over").disabled).toBe(true);
  });

  it("can be planned again after the cluster was silent", async () => {
    const silent = { title: "", status: 503, detail: "Not heard of lately.", reason: "Stale" };
    post.mockRejectedValueOnce(new Problem(silent));
    post.mockResolvedValueOnce({ data: planned("p1", 1) });
    open("take_over");
    fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("spec.replicas")).toBeTruthy();
    expect(button("Take over").disabled).toBe(false);
  });
});
