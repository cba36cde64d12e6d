import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { client } from "./client";
import { isAffected, Refetching } from "./refetching";
import { MEASURED_MS, WATCHED_MS } from "./shows";
import type { StreamChange } from "./stream";

const PROJECT = "/api/v1/projects/{project}";
const SERVICE = `${PROJECT}/environments/{environment}/services/{service}`;

const ABOUT_FRAUD = ["get", "/api/v1/audit-events", { params: { query: { project: "fraud" } } }];

function query(path: string, project?: string): readonly unknown[] {
  return ["get", path, project ? { params: { path: { project } } } : {}];
}

function change(object: string, project: string | null = null): StreamChange {
  return { object, id: "1", project };
}

describe("a change is fetched where it shows", () => {
  it.each<[string, StreamChange, readonly unknown[], boolean]>([
    ["a rollout on its page", change("rollout", "a"), query("/api/v1/rollouts/{rollout}"), true],
    ["a rollout on its service", change("rollout", "a"), query(SERVICE, "a"), true],
    ["a service in the list", change("service", "a"), query(`${PROJECT}/services`, "a"), true],
    ["a service on its node", change("service", "a"), query("/api/v1/fleet/nodes"), true],
    ["a service in its summary", change("service", "a"), query(`${PROJECT}/summary`, "a"), true],
    ["a service of another project", change("service", "a"), query(SERVICE, "b"), false],
    ["a service on the platform", change("service", "a"), query("/api/v1/platform"), false],
    ["a node in the fleet", change("node"), query("/api/v1/fleet/nodes"), true],
    ["a node in the cards", change("node"), query("/api/v1/fleet/summary"), true],
    ["a node in a summary", change("node"), query(`${PROJECT}/summary`, "a"), true],
    ["a node on a rollout", change("node"), query("/api/v1/rollouts/{rollout}"), false],
    ["a cluster in the list", change("cluster"), query("/api/v1/clusters"), true],
    ["a cluster on the platform", change("cluster"), query("/api/v1/platform"), true],
    ["a cluster in the fleet", change("cluster"), query("/api/v1/fleet/nodes"), true],
    ["a project in what the reader may", change("project", "a"), query("/api/v1/me"), true],
    ["a project in the fleet", change("project", "a"), query("/api/v1/fleet/nodes"), false],
    ["a model in its project", change("model", "a"), query(`${PROJECT}/models`, "a"), true],
    ["something new, anywhere", change("freeze"), query("/api/v1/platform"), true],
    ["something new of another project", change("freeze", "a"), query(SERVICE, "b"), false],
  ])("%s", (_, changed, key, expected) => {
    expect(isAffected(key, changed)).toBe(expected);
  });

  it("and not in what the typed client did not fetch", () => {
    expect(isAffected(["preferences"], change("rollout"))).toBe(false);
    expect(isAffected([], change("rollout"))).toBe(false);
  });
});

describe("a change", () => {
  it.each<[string, string, string | null, readonly unknown[], boolean]>([
    ["a role", "project", "fraud", query(`${PROJECT}/members`, "fraud"), true],
    ["a role", "project", "fraud", query("/api/v1/me"), true],
    ["a role elsewhere", "project", "search", query(`${PROJECT}/members`, "fraud"), false],
    ["a token", "token", "fraud", query(`${PROJECT}/tokens`, "fraud"), true],
    ["a token", "token", "fraud", query(`${PROJECT}/services`, "fraud"), false],
    ["a quota", "environment", "fraud", query(`${PROJECT}/environments`, "fraud"), true],
    ["a rollout", "rollout", "fraud", query(`${PROJECT}/members`, "fraud"), false],
    ["a rollout", "rollout", "fraud", query(`${PROJECT}/models`, "fraud"), false],
    ["a service", "service", "fraud", query(`${PROJECT}/environments`, "fraud"), false],
    ["new usage", "usage", "fraud", query(`${PROJECT}/summary`, "fraud"), true],
    ["new usage", "usage", "fraud", query(`${PROJECT}/services`, "fraud"), false],
    ["a node", "node", null, query(`${PROJECT}/members`, "fraud"), false],
    ["an audit row", "audit_event", "fraud", ABOUT_FRAUD, true],
    ["an audit row elsewhere", "audit_event", "x", ABOUT_FRAUD, false],
    ["an audit row", "audit_event", "fraud", query(`${PROJECT}/members`, "fraud"), false],
    [
      "a rollout elsewhere",
      "rollout",
      "search",
      ["get", "/api/v1/rollouts", { params: { query: { project: "fraud" } } }],
      false,
    ],
    ["a rollout", "rollout", "fraud", query("/api/v1/rollouts"), true],
    ["what is read before it is edited", "project", "fraud", ["read first", "id", 0], false],
    ["something new", "channel", "fraud", query("/api/v1/channels"), true],
  ])("of %s (%s in %s) and %j: %s", (_, object, project, key, affects) =>
    expect(isAffected(key, { object, id: "1", project })).toBe(affects),
  );
});

let queries: QueryClient;
let refetching: Refetching;
let leave: () => void;

function begin(): void {
  vi.useFakeTimers();
  queries = new QueryClient();
  refetching = new Refetching(queries);
}

function end(): void {
  leave();
  refetching.stop();
  queries.clear();
  vi.useRealTimers();
}

/** Show a query, and wait until it has rested. */
async function rested(queryKey: readonly unknown[], queryFn: () => Promise<unknown>) {
  leave = new QueryObserver(queries, { queryKey, queryFn }).subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
}

describe("a query that changes keep changing", () => {
  const NODES = query("/api/v1/fleet/nodes");
  const ask = vi.fn();

  async function shown(queryKey: readonly unknown[]): Promise<void> {
    const queryFn = () => {
      ask();
      return new Promise((done) => setTimeout(done, 100, "said"));
    };
    await rested(queryKey, queryFn);
    ask.mockReset();
  }

  /** Tell of a change every 50 ms. */
  async function busy(changed: StreamChange, ms: number): Promise<void> {
    for (let told = 0; told < ms; told += 50) {
      refetching.hear([changed]);
      await vi.advanceTimersByTimeAsync(50);
    }
  }

  beforeEach(() => {
    ask.mockReset();
    begin();
  });
  afterEach(end);

  it("is fetched at once for the first, then at most once per floor", async () => {
    await shown(NODES);
    await busy(change("node"), 150);
    expect(ask).toHaveBeenCalledTimes(1);
    await busy(change("node"), 6 * MEASURED_MS);
    expect(ask.mock.calls.length).toBeGreaterThan(4);
    expect(ask.mock.calls.length).toBeLessThanOrEqual(7);
  });

  it("is fetched once more after the last, and then rests", async () => {
    await shown(NODES);
    await busy(change("node"), 1_000);
    await vi.advanceTimersByTimeAsync(10 * MEASURED_MS);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("is fetched once more for what changed while it was under way", async () => {
    await shown(NODES);
    refetching.hear([change("node")]);
    await vi.advanceTimersByTimeAsync(50);
    refetching.hear([change("node")]);
    await vi.advanceTimersByTimeAsync(10 * MEASURED_MS);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("is fetched sooner where somebody may wait for it, whatever else changed", async () => {
    await shown(query(SERVICE, "a"));
    refetching.hear([change("cluster")]);
    await vi.advanceTimersByTimeAsync(150);
    refetching.hear([change("cluster")]);
    refetching.hear([change("service", "a")]);
    await vi.advanceTimersByTimeAsync(2 * WATCHED_MS);
    expect(ask).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(10 * MEASURED_MS);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("is not fetched for what it does not show", async () => {
    await shown(NODES);
    await busy(change("usage", "a"), 1_000);
    expect(ask).not.toHaveBeenCalled();
  });
});

describe("a list of which one row changed", () => {
  const LIST = `${PROJECT}/services`;
  const ONE = { object: "service", id: "one", project: "fraud" };
  const OTHER = { ...ONE, id: "other" };
  const ask = vi.fn();
  let get: MockInstance<typeof client.GET>;

  function key(asked: object = {}): readonly unknown[] {
    return ["get", LIST, { params: { path: { project: "fraud" }, query: asked } }];
  }

  async function shown(queryKey: readonly unknown[]): Promise<void> {
    const results = [
      { id: "one", name: "a", health: "Healthy" },
      { id: "two", name: "b", health: "Healthy" },
    ];
    const queryFn = () => {
      ask();
      return Promise.resolve({ pages: [{ results, next: null }], pageParams: [null] });
    };
    await rested(queryKey, queryFn);
    ask.mockReset();
  }

  function answer(row?: object): void {
    get.mockResolvedValue({ data: { results: row ? [row] : [], next: null } } as never);
  }

  async function hear(...changes: StreamChange[]): Promise<void> {
    refetching.hear(changes);
    await vi.advanceTimersByTimeAsync(2 * WATCHED_MS);
  }

  function healths(queryKey: readonly unknown[]): string[] {
    const data = queries.getQueryData<{ pages: { results: { health: string }[] }[] }>(queryKey);
    return data?.pages.flatMap(({ results }) => results.map(({ health }) => health)) ?? [];
  }

  beforeEach(() => {
    get = vi.spyOn(client, "GET");
    begin();
  });
  afterEach(end);

  it("is asked for that row, with its own filters, and for nothing else", async () => {
    const filtered = key({ environment: "production" });
    await shown(filtered);
    answer({ id: "one", name: "a", health: "Degraded" });
    await hear(ONE);
    expect(get).toHaveBeenCalledExactlyOnceWith(LIST, {
      params: { path: { project: "fraud" }, query: { environment: "production", id: "one" } },
    });
    expect(ask).not.toHaveBeenCalled();
    expect(healths(filtered)).toEqual(["Degraded", "Healthy"]);
  });

  it.each<[string, object, StreamChange[], object | undefined]>([
    ["the row is there no more", {}, [ONE], undefined],
    ["the row is new", {}, [OTHER], { id: "other", name: "c", health: "Healthy" }],
    ["two rows changed", {}, [ONE, { ...ONE, id: "two" }], { id: "one", health: "Degraded" }],
    ["something else changed", {}, [{ ...ONE, object: "model" }], { id: "one" }],
    ["it goes to another place", { ordering: "-health" }, [ONE], { id: "one", health: "Degraded" }],
  ])("is fetched whole where %s", async (_, asked, changes, row) => {
    await shown(key(asked));
    answer(row);
    await hear(...changes);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("is fetched whole where the row cannot be asked for", async () => {
    await shown(key());
    get.mockRejectedValue(new Error("refused"));
    await hear(ONE);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("is fetched whole where another row changed while one was asked for", async () => {
    await shown(key());
    get.mockImplementation(
      () =>
        new Promise((done) =>
          setTimeout(done, 100, { data: { results: [{ id: "one", name: "a" }] } }),
        ) as never,
    );
    refetching.hear([ONE]);
    await vi.advanceTimersByTimeAsync(50);
    await hear({ ...ONE, id: "two" }, ONE);
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
