import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

const fetched = vi.fn<typeof fetch>();
// The client takes the browser's `fetch` when it is made.
vi.stubGlobal("fetch", fetched);
const { answerOf, client, csrfToken } = await import("./client");
const { signIn, signOut } = await import("./session");
afterAll(() => void vi.unstubAllGlobals());

const PATH = { params: { path: { project: "fraud" } } } as const;

function cookie(text: string): void {
  vi.spyOn(document, "cookie", "get").mockReturnValue(text);
}

beforeEach(() => {
  fetched.mockReset();
  document.documentElement.lang = "zh-CN";
  cookie("theme=dark; csrftoken=abc; x=1");
});

describe("the token that a change needs", () => {
  it.each([
    ["csrftoken=abc", "abc"],
    ["theme=dark; csrftoken=abc; x=1", "abc"],
    ["notcsrftoken=abc", ""],
    ["", ""],
  ])("is read from %j", (text, token) => {
    cookie(text);
    expect(csrfToken()).toBe(token);
  });
});

describe("a request", () => {
  const sent = () => fetched.mock.calls.at(-1)?.[0] as Request;

  it("asks for the page's language, and proves nothing where it changes nothing", async () => {
    fetched.mockResolvedValue(Response.json({ name: "fraud" }));
    const answer = await client.GET("/api/v1/projects/{project}", PATH);
    expect(answerOf(answer)).toEqual({ name: "fraud" });
    expect(sent().headers.get("Accept-Language")).toBe("zh-CN");
    expect(sent().headers.has("X-CSRFToken")).toBe(false);
  });

  it("proves that it comes from our page where it changes something", async () => {
    fetched.mockImplementation(() => Promise.resolve(new Response(null, { status: 204 })));
    await client.DELETE("/api/v1/projects/{project}", PATH);
    expect(sent().headers.get("X-CSRFToken")).toBe("abc");
    await client.PATCH("/api/v1/projects/{project}", { ...PATH, body: {} } as never);
    expect(sent().headers.get("X-CSRFToken")).toBe("abc");
  });

  it("throws what was refused", async () => {
    const body = { reason: "NotFound", detail: "There is no such project." };
    fetched.mockResolvedValue(Response.json(body, { status: 404 }));
    await expect(client.GET("/api/v1/projects/{project}", PATH)).rejects.toMatchObject({
      status: 404,
      reason: "NotFound",
      message: "There is no such project.",
    });
  });
});

describe("signing in", () => {
  const calls = () =>
    fetched.mock.calls.map(([url, init]) => `${init?.method} ${String(url).split("/v1/")[1]}`);

  function answerWith(status: number, body: unknown = {}): void {
    fetched
      .mockResolvedValueOnce(Response.json({}))
      .mockResolvedValueOnce(Response.json(body, { status }));
  }

  it("asks for the token first", async () => {
    answerWith(200);
    await signIn("ada", "secret");
    expect(calls()).toEqual(["GET config", "POST auth/login"]);
    expect(fetched.mock.calls[1]?.[1]).toMatchObject({
      body: '{"username":"ada","password":"secret"}',
      headers: { "X-CSRFToken": "abc", "Accept-Language": "zh-CN" },
    });
  });

  it("is done where somebody is signed in already", async () => {
    answerWith(409);
    await expect(signIn("ada", "secret")).resolves.toBeUndefined();
  });

  it.each<[string, number, unknown, object]>([
    [
      "the server's sentences",
      400,
      { errors: [{ message: "Wrong name." }, { message: "Or password." }] },
      { status: 400, reason: "SignInRefused", message: "Wrong name. Or password." },
    ],
    ["no sentence", 400, {}, { status: 400, reason: "SignInRefused", message: "" }],
    ["too many tries", 429, { reason: "TooManyRequests" }, { reason: "TooManyRequests" }],
    ["a server that is away", 503, "", { status: 503, reason: "ServiceUnavailable" }],
  ])("is refused with %s", async (_, status, body, problem) => {
    answerWith(status, body);
    await expect(signIn("ada", "secret")).rejects.toMatchObject(problem);
  });

  it("ends, although the server says 401 to that", async () => {
    fetched.mockResolvedValue(Response.json({}, { status: 401 }));
    await expect(signOut()).resolves.toBeUndefined();
    expect(calls()).toEqual(["DELETE auth/session"]);
  });
});
