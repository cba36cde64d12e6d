import { QueryClient } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { FormInstance } from "antd";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { within } from "@/testing/page";
import type { Service } from "../types";
import { useAsking } from "./useAsking";
import type { useStart, Wanted } from "./useStart";
import { changedFields, NEW, specOf, type Values } from "./values";

const { patch, navigate } = vi.hoisted(() => ({ patch: vi.fn(), navigate: vi.fn() }));
vi.mock("@/api/client", () => ({
  client: { PATCH: patch },
  answerOf: ({ data }: { data: unknown }) => data,
}));
vi.mock("@tanstack/react-router", () => ({ useNavigate: () => navigate }));

const CHOICE = { project: "fraud", model: "scorer", version: "2" };
const SERVICE = { name: "scorer" } as Service;
const PATH = { project: "fraud", environment: "staging", service: "scorer" };

/** A form of which all that is named is on the page. */
function formWith(typed: Partial<Values>, said: Record<string, unknown> = {}) {
  return {
    getFieldsValue: () => ({ ...NEW, ...typed }),
    getFieldInstance: () => true,
    setFields: (fields: { name: (string | number)[]; errors: string[] }[]) => {
      for (const { name, errors } of fields) said[name.join(".")] = errors[0];
    },
    scrollToField: () => undefined,
  } as unknown as FormInstance<Values>;
}

function asking(typed: Partial<Values>, service: Service | undefined, refusal?: Problem) {
  const said: Record<string, unknown> = {};
  const onAdvanced = vi.fn();
  const sent: Wanted[] = [];
  const starting = {
    reset: vi.fn(),
    mutate: (wanted: Wanted, { onError }: { onError: (error: unknown) => void }) => {
      sent.push(wanted);
      if (refusal) onError(refusal);
    },
  };
  const { result } = renderHook(
    () =>
      useAsking({
        form: formWith(typed, said),
        choice: CHOICE,
        environment: "staging",
        service,
        start: { starting, created: undefined } as unknown as ReturnType<typeof useStart>,
        changed: (values) => changedFields(specOf(values), specOf(NEW)),
        onAdvanced,
      }),
    { wrapper: within(new QueryClient()) },
  );
  return { result, sent, said, onAdvanced, starting };
}

beforeEach(() => {
  patch.mockReset();
  navigate.mockReset();
});

describe("what is sent to start a rollout", () => {
  it.each<[string, Partial<Values>, Service | undefined, Wanted]>([
    ["of a service as it is", {}, SERVICE, { path: PATH, rollout: { version: "2", reason: "" } }],
    [
      "of a service with what differs, and why",
      { replicas: 4, reason: "traffic" },
      SERVICE,
      { path: PATH, rollout: { version: "2", reason: "traffic", replicas: 4 } },
    ],
    [
      "of a new service, all of which goes with its creation",
      { name: "fresh", replicas: 4, reason: "new" },
      undefined,
      {
        path: { ...PATH, service: "fresh" },
        create: { ...specOf(NEW), replicas: 4, name: "fresh", model: "scorer" },
        rollout: { version: "2", reason: "new" },
      },
    ],
  ])("%s", (_, typed, service, wanted) => {
    const { result, sent } = asking(typed, service);
    act(() => result.current.send());
    expect(sent).toEqual([wanted]);
  });
});

describe("what is kept as a draft", () => {
  it("is what differs, and leads to where it is shown", async () => {
    patch.mockResolvedValue({ data: {} });
    const { result, starting } = asking({ replicas: 4, reason: "not yet" }, SERVICE);
    act(() => result.current.keep());
    await waitFor(() => expect(navigate).toHaveBeenCalledOnce());
    expect(patch.mock.calls[0]?.[1]).toEqual({ params: { path: PATH }, body: { replicas: 4 } });
    expect(navigate.mock.calls[0]?.[0]).toMatchObject({ params: PATH, hash: "draft" });
    // What was refused before is no news any more.
    expect(starting.reset).toHaveBeenCalledOnce();
  });

  it("leads nowhere where it is refused, and says at its field why", async () => {
    const errors = [{ pointer: "/replicas", detail: "Too many." }];
    patch.mockRejectedValue(
      new Problem({ title: "", status: 400, detail: "", reason: "Invalid", errors }),
    );
    const { result, said } = asking({ replicas: 4 }, SERVICE);
    act(() => result.current.keep());
    await waitFor(() => expect(result.current.keeping.isError).toBe(true));
    expect(said).toEqual({ replicas: "Too many." });
    expect(navigate).not.toHaveBeenCalled();
  });
});

describe("what is refused is said where it was typed", () => {
  it.each<[string, string, string, boolean]>([
    ["in sight", "/replicas", "replicas", false],
    ["an amount", "/resources/requests/cpu", "requests.cpu", false],
    ["devices", "/resources/limits/nvidia.com~1gpu", "devices.nvidia.com/gpu", false],
    ["folded away", "/probes/liveness/period_seconds", "probes.liveness.period_seconds", true],
    ["a variable", "/env/DEBUG", "env.0.value", true],
    ["a secret", "/secrets/0/path", "secrets.0.path", true],
  ])("%s", (_, pointer, field, isOpened) => {
    const refusal = new Problem({
      title: "",
      status: 400,
      detail: "",
      reason: "Invalid",
      errors: [{ pointer, detail: "No." }],
    });
    const typed = { env: [{ name: "DEBUG", value: "1" }] };
    const { result, said, onAdvanced } = asking(typed, SERVICE, refusal);
    act(() => result.current.send());
    expect(said).toEqual({ [field]: "No." });
    expect(onAdvanced.mock.calls.length > 0).toBe(isOpened);
  });
});
