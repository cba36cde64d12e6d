import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import type { Service } from "../types";
import { ServiceSettings } from "./ServiceSettings";

const PATH = { project: "fraud", environment: "production", service: "scorer" };
const SERVICE = {
  name: "scorer",
  cluster: "east",
  model: "scorer",
  protocol: "http",
  port: 8080,
  current_version: "3",
  current_revision: 7,
  replicas: 2,
  temporary_replicas: null,
  temporary_expires_at: null,
  resources: { requests: { cpu: "500m", memory: "2Gi", "nvidia.com/gpu": "1" }, limits: {} },
  gpu_product: "",
  node_selector: {},
  env: {},
  env_masked: false,
  secrets: [],
  command: [],
  args: [],
  probes: {},
  strategy: { type: "rolling" },
  progress_deadline_seconds: 600,
} as unknown as Service;

beforeAll(() => speak("en"));
afterEach(cleanup);

/** Show a service; return what its page says, by label. */
async function settingsOf(change: Partial<Service>): Promise<Record<string, string>> {
  await showOnPage(
    <ServiceSettings service={{ ...SERVICE, ...change } as Service} path={PATH} />,
    makeKnown(),
  );
  const items = [...document.querySelectorAll(".ant-descriptions-item-container")];
  return Object.fromEntries(
    items.map((item) => [
      item.querySelector(".ant-descriptions-item-label")?.textContent ?? "",
      // An amount is not parted from its name by the end of a line.
      (item.querySelector(".ant-descriptions-item-content")?.textContent ?? "").replace(/\s/g, " "),
    ]),
  );
}

/** Read the words of one setting, each as it is passed. */
function wordsOf(label: string): (string | null)[] {
  const items = [...document.querySelectorAll(".ant-descriptions-item-container")];
  const item = items.find((one) => one.textContent?.startsWith(label));
  return [...(item?.querySelectorAll("code") ?? [])].map((word) => word.textContent);
}

describe("the settings of a service", () => {
  it("say what nobody has stated", async () => {
    expect(await settingsOf({})).toMatchObject({
      "Requests per pod": "GPU 1 · CPU 0.5 · Memory 2 GiB",
      "Limits per pod": "none",
      "GPU model": "any",
      Strategy: "rolling",
      "Progress deadline": "600 seconds",
      "Environment variables": "none",
      Command: "none",
      Replicas: "2",
    });
  });

  it.each<[string, Partial<Service>, string, string]>([
    ["no pods", { replicas: 0 }, "Replicas", "0"],
    ["no version", { current_version: null }, "Version", "no version"],
    ["one second", { progress_deadline_seconds: 1 }, "Progress deadline", "1 second"],
    ["a number for a while", { temporary_replicas: 5 }, "Replicas", "5 for now, then 2 again; "],
    ["none for a while", { temporary_replicas: 0 }, "Replicas", "0 for now, then 2 again; "],
    [
      "surging",
      { strategy: { type: "rolling", max_surge: 2, max_unavailable: 1 } },
      "Strategy",
      "rolling, up to 2 extra pods",
    ],
    [
      "going without",
      { strategy: { type: "rolling", max_surge: 0, max_unavailable: 1 } },
      "Strategy",
      "rolling, up to 1 pod unavailable",
    ],
    [
      "stopping",
      { strategy: { type: "recreate" } },
      "Strategy",
      "recreate: stops all, then starts",
    ],
  ])("say %s", async (_, change, label, text) => {
    expect((await settingsOf(change))[label]).toBe(text);
  });

  it("say where a secret is found", async () => {
    const secrets = [
      { secret: "database", key: "password", env: "PASSWORD" },
      { secret: "tls", path: "/etc/tls" },
    ];
    await settingsOf({ secrets });
    expect(wordsOf("Secrets")).toEqual(["PASSWORD ← database/password", "/etc/tls ← tls"]);
  });

  it("keep every word of a command, those that come twice too", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await settingsOf({ command: ["serve"], args: ["--route", "a", "--route", "b"] });
    expect(wordsOf("Command")).toEqual(["serve", "--route", "a", "--route", "b"]);
    expect(complaints).not.toHaveBeenCalled();
  });

  it.each([
    ["of the next rollout where none was", null, "Settings of the next rollout"],
    ["of the revision that runs", 7, "What runs: revision 7"],
  ])("are those %s", async (_, current_revision, title) => {
    await settingsOf({ current_revision });
    expect(document.querySelector(".ant-card-head-title")?.textContent).toBe(title);
  });
});
