import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "./problem";
import { makeQueryClient } from "./queries";

const refused = (status: number) =>
  new Problem({ title: "", status, detail: "", reason: "Refused" });
const CUT = new TypeError("Failed to fetch");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what was not answered is asked again", () => {
  it.each<[string, Error, number]>([
    ["nobody answers", CUT, 3],
    ["a gateway has nobody behind it", refused(502), 3],
    ["the server is not ready", refused(503), 3],
    ["a gateway waited too long", refused(504), 3],
    ["the server has a fault", refused(500), 1],
    ["it is not allowed", refused(403), 1],
    ["it is not there", refused(404), 1],
    ["it is too much", refused(429), 1],
    ["nobody is signed in", refused(401), 1],
  ])("where %s (%s): %d times in all", async (_, error, times) => {
    const ask = vi.fn().mockRejectedValue(error);
    const queries = makeQueryClient(() => undefined);
    const page = new QueryObserver(queries, { queryKey: ["x"], queryFn: ask });
    const leave = page.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(20_000);
    leave();
    expect(ask).toHaveBeenCalledTimes(times);
  });

  it("but never a change, which may have been carried out", async () => {
    const send = vi.fn().mockRejectedValue(CUT);
    const queries = makeQueryClient(() => undefined);
    const sent = queries.getMutationCache().build(queries, { mutationFn: send });
    await expect(sent.execute(undefined)).rejects.toBe(CUT);
    await vi.runAllTimersAsync();
    expect(send).toHaveBeenCalledOnce();
  });
});

describe("the end of a session", () => {
  it.each<[string, Error, number]>([
    ["is told", refused(401), 1],
    ["is not what a refusal is", refused(403), 0],
    ["is not what silence is", refused(0), 0],
  ])("%s, be it found by a question or a change", async (_, error, times) => {
    const onSignedOut = vi.fn();
    const queries = makeQueryClient(onSignedOut);
    const fail = () => Promise.reject(error);
    await queries
      .fetchQuery({ queryKey: ["x"], queryFn: fail, retry: false })
      .catch(() => undefined);
    expect(onSignedOut).toHaveBeenCalledTimes(times);
    const sent = queries.getMutationCache().build(queries, { mutationFn: fail });
    await sent.execute(undefined).catch(() => undefined);
    expect(onSignedOut).toHaveBeenCalledTimes(2 * times);
  });
});
