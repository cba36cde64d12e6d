import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Problem } from "./problem";
import { isUnanswered, useRepeatable } from "./repeatable";

const refused = (status: number) =>
  new Problem({ title: "", status, detail: "", reason: "Refused" });
const CUT = new TypeError("Failed to fetch");

/** What became of a request. */
type Outcome = Error | "answered";

/** Send contents one after the other; return under which key each went out, as 1, 2, 3. */
async function keysOf(...requests: [content: unknown, outcome: Outcome][]): Promise<number[]> {
  const { result, rerender } = renderHook(useRepeatable);
  const seen: string[] = [];
  for (const [content, outcome] of requests) {
    const answer = () =>
      outcome === "answered" ? Promise.resolve(outcome) : Promise.reject(outcome);
    await result
      .current(content, (headers) => {
        seen.push(headers["Idempotency-Key"]);
        return answer();
      })
      .catch(() => undefined);
    rerender();
  }
  const distinct = [...new Set(seen)];
  return seen.map((key) => distinct.indexOf(key) + 1);
}

describe("a request goes out under the key of the one before", () => {
  it.each<[string, [unknown, Outcome][], number[]]>([
    [
      "only where nobody answered that",
      [
        [{ replicas: 2 }, CUT],
        [{ replicas: 2 }, refused(503)],
        [{ replicas: 2 }, "answered"],
      ],
      [1, 1, 1],
    ],
    [
      "not where that was carried out: the same again is wanted again",
      [
        [{ replicas: 2 }, "answered"],
        [{ replicas: 2 }, "answered"],
      ],
      [1, 2],
    ],
    [
      "not where that was refused, for the refusal would be repeated",
      [
        [{ replicas: 2 }, refused(409)],
        [{ replicas: 2 }, "answered"],
      ],
      [1, 2],
    ],
    [
      "not where something was corrected",
      [
        [{ replicas: 2 }, CUT],
        [{ replicas: 3 }, CUT],
        [{ replicas: 3 }, "answered"],
      ],
      [1, 2, 2],
    ],
    [
      "not where something else was asked for in between",
      [
        [{ replicas: 2 }, CUT],
        [{ replicas: 3 }, CUT],
        [{ replicas: 2 }, "answered"],
      ],
      [1, 2, 3],
    ],
  ])("%s", async (_, requests, keys) => {
    expect(await keysOf(...requests)).toEqual(keys);
  });

  it("also while that is still under way: a double click", async () => {
    const { result } = renderHook(useRepeatable);
    const keys: string[] = [];
    const send = (headers: { "Idempotency-Key": string }) => {
      keys.push(headers["Idempotency-Key"]);
      return Promise.resolve();
    };
    await Promise.all([result.current({}, send), result.current({}, send)]);
    expect(new Set(keys).size).toBe(1);
  });
});

it("hands on what was answered, and what was thrown", async () => {
  const { result } = renderHook(useRepeatable);
  await expect(result.current({}, () => Promise.resolve("done"))).resolves.toBe("done");
  await expect(result.current({}, () => Promise.reject(CUT))).rejects.toBe(CUT);
});

it.each<[string, unknown, boolean]>([
  ["a cut connection", CUT, true],
  ["a fault", refused(500), true],
  ["a gateway without a server", refused(502), true],
  ["a refusal", refused(400), false],
  ["a conflict", refused(409), false],
  ["too many requests", refused(429), false],
])("%s leaves open whether it was carried out: %s", (_, error, expected) => {
  expect(isUnanswered(error)).toBe(expected);
});
