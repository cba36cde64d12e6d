import { describe, expect, it } from "vitest";
import { asProblem, Problem, problemOf } from "./problem";
import { isOutdated, versionedOf } from "./versioned";

function answer(body: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, statusText: "Refused", headers });
}

const REFUSAL = {
  title: "Forbidden",
  status: 403,
  detail: "The quota has no room.",
  reason: "QuotaExceeded",
  errors: [{ pointer: "/replicas", detail: "Too many." }],
  details: { resource: "cpu" },
  request_id: "r1",
};

describe("a refusal is read", () => {
  it("as the server wrote it", async () => {
    const problem = await problemOf(answer(JSON.stringify(REFUSAL), 403));
    expect(problem.body).toEqual(REFUSAL);
    expect([problem.status, problem.reason]).toEqual([403, "QuotaExceeded"]);
    expect(problem.message).toBe("The quota has no room.");
  });

  it.each<[string, string, number, string]>([
    ["a proxy's page", "<html>Bad gateway</html>", 502, "ServiceUnavailable"],
    ["a proxy's page about what was asked", "<html>Too large</html>", 413, "Invalid"],
    ["nothing at all", "", 504, "ServiceUnavailable"],
    ["JSON of somebody else", '{"message": "no"}', 500, "ServiceUnavailable"],
    ["JSON that is no object", "null", 503, "ServiceUnavailable"],
    ["a list", "[]", 400, "Invalid"],
  ])("although it is %s", async (_, body, status, reason) => {
    const { body: read } = await problemOf(answer(body, status));
    expect(read).toMatchObject({ status, reason, title: "Refused", detail: "", errors: [] });
  });

  it("with the status of the answer, whatever the body says", async () => {
    const problem = await problemOf(answer(JSON.stringify({ ...REFUSAL, status: 200 }), 409));
    expect(problem.status).toBe(409);
  });

  it.each<[string, object, string]>([
    ["in the body", { request_id: "from body" }, "from body"],
    ["in a header where the body has none", {}, "from header"],
  ])("with the number to quote that stands %s", async (_, body, id) => {
    const refused = answer(JSON.stringify(body), 500, { "X-Request-ID": "from header" });
    expect((await problemOf(refused)).body.request_id).toBe(id);
  });
});

describe("whatever was thrown", () => {
  const problem = new Problem({ title: "", status: 409, detail: "", reason: "Conflict" });

  it("is the refusal itself, where it is one", () => expect(asProblem(problem)).toBe(problem));

  it.each([
    ["a cut connection", new TypeError("Failed to fetch"), "Failed to fetch"],
    ["a text", "no", "no"],
    ["nothing", undefined, "undefined"],
  ])("is silence of the server, where it is %s", (_, thrown, detail) => {
    expect(asProblem(thrown).body).toEqual({
      title: "",
      status: 0,
      detail,
      reason: "Unreachable",
    });
  });
});

describe("a version of what was read", () => {
  it.each([
    ["is the server's", { ETag: '"7"' }, '"7"'],
    ["is any where the server says none", {}, "*"],
  ])("%s", (_, headers, etag) => {
    const response = new Response("", { headers });
    expect(versionedOf({ data: { name: "a" }, response })).toEqual({
      content: { name: "a" },
      etag,
    });
  });

  it.each<[string, unknown, boolean]>([
    ["another was faster", new Problem({ title: "", status: 412, detail: "", reason: "" }), true],
    ["it was refused", new Problem({ title: "", status: 409, detail: "", reason: "" }), false],
    ["nobody answered", new TypeError("Failed to fetch"), false],
    ["nothing went wrong", null, false],
  ])("is outdated only where %s", (_, error, expected) => {
    expect(isOutdated(error)).toBe(expected);
  });
});
