import { afterEach, describe, expect, it, vi } from "vitest";
import { type LogQuery, logUrl, openLog, readLines } from "./logStream";

const PATH = { project: "fraud", environment: "production", service: "scorer" };

afterEach(() => void vi.restoreAllMocks());

describe("where a log is read", () => {
  const QUERY: LogQuery = { pod: "scorer-1", tail: 500, previous: false, follow: false };
  it.each<[string, Partial<LogQuery>, string]>([
    ["of the container that Kubernetes chooses", {}, "pod=scorer-1&tail=500"],
    ["of a container", { container: "proxy" }, "pod=scorer-1&tail=500&container=proxy"],
    ["before it ended", { previous: true }, "pod=scorer-1&tail=500&previous=true"],
    ["as it is written", { follow: true }, "pod=scorer-1&tail=500&follow=true"],
    ["of all pods", { pod: undefined }, "tail=500"],
    ["of the last minutes", { since: "15m" }, "pod=scorer-1&tail=500&since=15m"],
    ["whatever the name", { pod: "a&b=c" }, "pod=a%26b%3Dc&tail=500"],
  ])("%s", (_, change, search) => {
    const place = "/api/v1/projects/fraud/environments/production/services/scorer/logs";
    expect(logUrl(PATH, { ...QUERY, ...change })).toBe(`${place}?${search}`);
  });
});

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

async function all<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

describe("lines come", () => {
  it.each<[string, string[], string[][]]>([
    ["whole", ["a\nb\n"], [["a", "b"]]],
    ["in pieces", ["a", "b\nc", "d\n"], [["ab"], ["cd"]]],
    ["with an end that comes by itself", ["a", "\n", "b\n"], [["a"], ["b"]]],
    ["with a last one that has no end", ["a\nb"], [["a"], ["b"]]],
    ["empty, too", ["a\n\n\nb\n"], [["a", "", "", "b"]]],
    ["as they are", ["  a\t\r\n"], [["  a\t\r"]]],
    ["not at all", [], []],
    ["not at all of nothing", ["", ""], []],
  ])("%s", async (_, texts, lines) => {
    expect(await all(readLines(pieces(...texts)))).toEqual(lines);
  });
});

describe("opening a log", () => {
  const open = () => all(openLog("/logs", new AbortController().signal));
  const answer = (body: BodyInit | null, init?: ResponseInit) =>
    vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(body, init));

  const said = (line: string) => ({ pod: "a", container: "model", at: null, line });

  it("tells that it is open before the first line", async () => {
    answer(`${JSON.stringify(said("a"))}\n${JSON.stringify(said("b"))}\n`);
    expect(await open()).toEqual([[], [said("a"), said("b")]]);
  });

  it("reads letters that arrive in two halves", async () => {
    const bytes = new TextEncoder().encode(`${JSON.stringify(said("日"))}\n`);
    const middle = bytes.indexOf(0xe6) + 2;
    const [first, second] = [bytes.slice(0, middle), bytes.slice(middle)];
    const halves = new ReadableStream({
      start(controller) {
        controller.enqueue(first);
        controller.enqueue(second);
        controller.close();
      },
    });
    answer(halves);
    expect((await open()).flat()).toEqual([said("日")]);
  });

  it("of a container that wrote nothing is no failure", async () => {
    answer("");
    expect((await open()).flat()).toEqual([]);
  });

  it("fails with the server's refusal", async () => {
    answer(JSON.stringify({ reason: "NotFound", detail: "There is no such pod." }), {
      status: 404,
    });
    await expect(open()).rejects.toMatchObject({ status: 404, reason: "NotFound" });
  });
});
