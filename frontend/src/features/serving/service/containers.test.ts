import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../types";
import { containerToRead, exitCode, lasting } from "./containers";

function container(kind: Container["kind"], name: string, change: Partial<Container> = {}) {
  return { kind, name, exit_code: null, last_exit_code: null, ...change } as Container;
}

function pod(cause: Pod["cause"], ...containers: Container[]): Pod {
  return { cause, containers } as Pod;
}

const SETUP = container("init", "setup", { exit_code: 0, last_exit_code: 1 });
const PROXY = container("sidecar", "proxy");
const AGENT = container("container", "agent");
const MODEL = container("container", "model", { last_exit_code: 137 });
const GUEST = container("ephemeral", "debugger", { exit_code: 1 });
const ALL = [SETUP, PROXY, AGENT, MODEL, GUEST];

describe("the containers of a pod", () => {
  it("that last are counted, and not those that have done their work or are guests", () => {
    expect(lasting(pod(null, ...ALL)).map(({ name }) => name)).toEqual(["proxy", "agent", "model"]);
  });

  it("say how they ended, unless that was their work", () => {
    expect(ALL.map(exitCode)).toEqual([null, null, null, 137, 1]);
    expect(exitCode(container("init", "setup", { exit_code: 3 }))).toBe(3);
  });

  it.each<[string, Pod | undefined, string | undefined]>([
    [
      "the one that fails",
      pod({ reason: "CrashLoopBackOff", message: "", container: "setup" }, ...ALL),
      "setup",
    ],
    ["the model", pod(null, ...ALL), "model"],
    ["the first that the pod is for", pod(null, SETUP, PROXY, AGENT), "agent"],
    ["none of a pod that has none", pod(null), undefined],
    ["none without a pod", undefined, undefined],
  ])("are read from %s", (_, one, name) => {
    expect(containerToRead(one)).toBe(name);
  });
});
