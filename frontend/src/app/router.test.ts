import { describe, expect, it } from "vitest";
import { router } from "./router";

const { parseSearch, stringifySearch } = router.options;

describe("what stands in an address is text", () => {
  it.each<[string, Record<string, string>, string]>([
    ["a version that reads as a number", { version: "1.10" }, "?version=1.10"],
    ["a number with zeros before it", { version: "007" }, "?version=007"],
    ["nothing", { search: "null" }, "?search=null"],
    ["JSON", { search: '{"a":1}' }, "?search=%7B%22a%22%3A1%7D"],
    ["signs of an address", { search: "a&b=c#d e+f" }, "?search=a%26b%3Dc%23d+e%2Bf"],
    ["another script", { search: "模型" }, "?search=%E6%A8%A1%E5%9E%8B"],
    ["several", { window: "7d", rank: "idle" }, "?window=7d&rank=idle"],
    ["nothing at all", {}, ""],
  ])("there and back: %s", (_, search, text) => {
    expect(stringifySearch(search)).toBe(text);
    expect(parseSearch(text)).toEqual(search);
  });
});

/** Arrive at an address from elsewhere; return what of it is kept for its page. */
function keptOf(address: string): unknown {
  router.history.push(address);
  router.updateLatestLocation();
  const { pathname: to } = router.latestLocation;
  // As the router does for whoever arrives; moving about inside keeps what pages say themselves.
  const arrival = { to, search: true, params: true, _includeValidateSearch: true };
  const { pathname, search } = router.buildLocation(arrival as never);
  return router.matchRoutes(pathname, search).at(-1)?.search;
}

describe("a page reads of its address", () => {
  it.each<[string, string, object]>([
    ["only what it knows", "/fleet?cluster=east&colour=red", { cluster: "east" }],
    ["nothing that is empty", "/fleet?cluster=&search=gpu", { search: "gpu" }],
    [
      "the choice for a rollout",
      "/projects/fraud/roll-out?environment=staging&create=yes&version=1.10",
      { environment: "staging", create: "yes", version: "1.10" },
    ],
    [
      "how a summary is ordered",
      "/projects/fraud?window=7d&rank=idle&resource=nvidia.com/gpu",
      { window: "7d", rank: "idle", resource: "nvidia.com/gpu" },
    ],
    [
      "the tab, and what is open in it",
      "/projects/fraud/environments/staging/services/scorer?tab=revisions&from=1&to=2",
      { tab: "revisions", from: "1", to: "2" },
    ],
    [
      "whom an audit is about",
      "/projects/fraud/audit?actor=ada&event=7",
      { actor: "ada", event: "7" },
    ],
    [
      "where to go after signing in",
      "/login?next=/fleet%3Fcluster%3Deast",
      { next: "/fleet?cluster=east" },
    ],
    ["nothing where it knows nothing", "/platform?tab=x", {}],
    ["of whose project it is, only the path", "/projects/fraud/audit?project=search", {}],
    ["a word that reads as something else", "/fleet?search=true", { search: "true" }],
    ["a number", "/fleet?search=7", { search: "7" }],
  ])("%s", (_, address, search) => {
    expect(keptOf(address)).toEqual(search);
  });
});

describe("an address leads to the page that it names", () => {
  it.each([
    ["/projects", "/app/projects"],
    ["/projects/fraud", "/app/projects/$project/"],
    ["/projects/fraud/services", "/app/projects/$project/services"],
    ["/projects/roll-out/roll-out", "/app/projects/$project/roll-out"],
    ["/projects/fraud/models/scorer", "/app/projects/$project/models/$model"],
    [
      "/projects/fraud/environments/staging/secrets",
      "/app/projects/$project/environments/$environment/secrets",
    ],
    [
      "/projects/fraud/environments/staging/services/scorer",
      "/app/projects/$project/environments/$environment/services/$service",
    ],
    ["/rollouts/r1", "/app/rollouts/$rollout"],
  ])("%s", (address, route) => {
    expect(router.matchRoutes(address, {}).at(-1)?.routeId).toBe(route);
  });
});
