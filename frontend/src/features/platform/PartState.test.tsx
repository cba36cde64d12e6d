import { cleanup, render } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import type { PartHealth } from "./health";
import { PartCell, PartTag } from "./PartState";

const PART: PartHealth = {
  name: "cluster",
  instance: "east",
  state: "ok",
  observed_at: null,
  version: "v1.36.3",
  reason: "",
  message: "",
};

beforeAll(() => speak("en"));
afterEach(cleanup);

describe("a part is", () => {
  it.each<[PartHealth["state"], boolean, string, string]>([
    ["ok", true, "Works", "success"],
    ["late", true, "Silent", "error"],
    ["unreachable", true, "Unreachable", "error"],
    ["unknown", true, "Unknown", "warning"],
    ["ok", false, "Was: Works", "warning"],
    ["unreachable", false, "Was: Unreachable", "warning"],
  ])("%s, current %s: %s", (state, isCurrent, text, colour) => {
    render(<PartTag part={{ ...PART, state }} isCurrent={isCurrent} />);
    const tag = document.querySelector(".ant-tag");
    expect(tag?.textContent).toBe(text);
    expect(tag?.className).toContain(`ant-tag-${colour}`);
  });

  it("not plainly well while it has something to say", () => {
    render(<PartTag part={{ ...PART, reason: "NoData" }} isCurrent />);
    expect(document.querySelector(".ant-tag")?.className).toContain("ant-tag-warning");
  });

  it("not looked at before the platform has heard of it", () => {
    render(<PartCell part={undefined} isCurrent />);
    expect(document.body.textContent).toBe("not checked yet");
  });
});
