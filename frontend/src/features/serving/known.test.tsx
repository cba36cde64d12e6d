import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { type KnownSentence, meaningOf } from "./known";
import { Quoted } from "./Quoted";

afterEach(cleanup);

const NO_VICTIMS =
  "preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod.";

const SENTENCES: [KnownSentence, string, Record<string, string>?][] = [
  [
    "insufficient",
    `0/5 nodes are available: 2 Insufficient cpu, 3 Insufficient nvidia.com/gpu. ${NO_VICTIMS}`,
    { resource: "cpu, nvidia.com/gpu" },
  ],
  [
    "insufficient",
    "0/5 nodes are available: 2 node(s) had untolerated taint {a: b}, 3 Insufficient nvidia.com/gpu.",
    { resource: "nvidia.com/gpu" },
  ],
  ["taint", `0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}. ${NO_VICTIMS}`],
  ["selector", "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."],
  ["cordoned", "0/1 nodes are available: 1 node(s) were unschedulable."],
  ["preemption", NO_VICTIMS],
  ["restartBackOff", "Back-off restarting failed container model in pod scorer-1_vision(7)"],
  ["restartBackOff", "back-off 5m0s restarting failed container=model pod=scorer-1_vision(7)"],
  ["imageBackOff", 'Back-off pulling image "registry/scorer@sha256:1"'],
  [
    "imageNotFound",
    'Failed to pull image "r/s:1": rpc error: code = NotFound desc = failed to pull and unpack image "r/s:1": failed to resolve reference "r/s:1": r/s:1: not found',
  ],
  [
    "imageRefused",
    'Failed to pull image "r/s:1": pull access denied, repository does not exist or may require authorization',
  ],
  ["readiness", "Readiness probe failed: HTTP probe failed with statuscode: 503"],
  ["liveness", "Liveness probe failed: dial tcp 10.0.0.1:8080: connect: connection refused"],
  ["liveness", "Container model failed liveness probe, will be restarted"],
  ["startup", "Startup probe failed: HTTP probe failed with statuscode: 503"],
  ["outOfMemory", "Last state: OOMKilled"],
  [
    "evicted",
    "The node was low on resource: memory. Threshold quantity: 1Gi.",
    { resource: "memory" },
  ],
  ["notMounted", 'MountVolume.SetUp failed for volume "key" : secret "key" not found'],
  ["podSecurity", 'pods "scorer-1" is forbidden: violates PodSecurity "restricted:latest"'],
  [
    "exceededQuota",
    'Error creating: pods "scorer-1" is forbidden: exceeded quota: slipway, requested: requests.cpu=1, used: requests.cpu=4, limited: requests.cpu=4',
    { quota: "slipway" },
  ],
];

describe("a sentence of Kubernetes", () => {
  it.each(SENTENCES)("is known as %s: %s", (key, sentence, facts = {}) => {
    expect(meaningOf(sentence)).toEqual({ key, facts });
  });

  it.each([
    "",
    "Successfully assigned vision/scorer-1 to gpu-1",
    "Pulling image",
    "nodes are fine",
  ])("has no meaning besides: %s", (sentence) => expect(meaningOf(sentence)).toBeUndefined());

  it.each(["en", "zh"] as const)("stays as it is, above what it means in %s", async (language) => {
    await speak(language);
    for (const [key, sentence, facts] of SENTENCES) {
      const { container, unmount } = render(<Quoted>{sentence}</Quoted>);
      const said = container.textContent ?? "";
      expect(said.startsWith(sentence)).toBe(true);
      expect(said.slice(sentence.length)).not.toBe("");
      expect(said).not.toContain(`known.${key}`);
      for (const fact of Object.values(facts ?? {}))
        expect(said.slice(sentence.length)).toContain(fact);
      unmount();
    }
  });

  it("is only quoted where it is not known", () => {
    const { container } = render(<Quoted>Something else.</Quoted>);
    expect(container.textContent).toBe("Something else.");
  });
});
