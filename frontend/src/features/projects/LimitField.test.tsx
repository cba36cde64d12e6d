import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { Form } from "antd";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { LimitField } from "./LimitField";

beforeAll(() => speak("en"));
afterEach(cleanup);

const GPU = "nvidia.com/gpu";

function showField(name: string, reserved: number | null, typed?: string | number): void {
  render(
    <Form initialValues={{ limits: { [name]: typed } }}>
      <LimitField
        name={name}
        path={["limits", name]}
        reserved={reserved}
        isCountOfGpus={typeof typed === "number"}
        isAbsent={false}
      />
    </Form>,
  );
}

const isWarned = () => document.querySelector(".ant-form-item-has-warning") !== null;

describe("a limit is warned of where more is reserved", () => {
  it.each<[string, string, number | null, string | number | undefined, boolean]>([
    ["less than reserved", "cpu", 4, "3500m", true],
    ["as much as reserved", "cpu", 4, "4000m", false],
    ["not limited", "cpu", 4, undefined, false],
    ["no quantity", "cpu", 4, "four", false],
    ["nothing reserved", "cpu", null, "0", false],
    ["devices without a limit are not allowed", GPU, 2, undefined, true],
    ["devices of which nobody has any", GPU, null, undefined, false],
    ["cards of a model", "NVIDIA-A10", 2, 1, true],
    ["enough cards of a model", "NVIDIA-A10", 2, 2, false],
  ])("%s", (_, name, reserved, typed, expected) => {
    showField(name, reserved, typed);
    expect(isWarned()).toBe(expected);
  });

  it("as soon as it is emptied", async () => {
    showField(GPU, 2, "2");
    expect(isWarned()).toBe(false);
    fireEvent.change(screen.getByRole("textbox"), { target: { value: "" } });
    await waitFor(() => expect(isWarned()).toBe(true));
  });
});

describe("a limit says", () => {
  it.each([
    ["how much is reserved", "memory", 2 ** 30, "8Gi", "Reserved now: 1 GiB"],
    ["what a quantity is in words", "memory", null, "8G", "7.45 GiB"],
    ["what a number of cores is", "cpu", null, "1500m", "1.5 cores"],
  ])("%s", (_, name, reserved, typed, text) => {
    showField(name, reserved, typed);
    expect(document.body.textContent).toContain(text);
  });

  it("nothing of what is no quantity", () => {
    showField("memory", null, "a lot");
    expect(document.body.textContent).toBe("Memory");
  });

  it.each([
    ["cpu", "no limit"],
    [GPU, "not allowed"],
    ["pods", "200 by default"],
  ])("of %s what it means to be empty", (name, text) => {
    showField(name, null);
    expect(screen.getByRole("textbox").getAttribute("placeholder")).toBe(text);
  });
});
