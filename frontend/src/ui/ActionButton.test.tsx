import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ActionButton } from "./ActionButton";

afterEach(cleanup);

describe("a button", () => {
  it("does what it says when it can", () => {
    const onClick = vi.fn();
    render(<ActionButton onClick={onClick}>Scale</ActionButton>);
    const button = screen.getByRole("button", { name: "Scale" });
    expect(button.getAttribute("aria-disabled")).toBeNull();
    fireEvent.click(button);
    expect(onClick).toHaveBeenCalledOnce();
  });

  it.each([
    ["with words", "Scale", "Scale: A rollout is in progress."],
    ["with an icon", <i key="i" />, "A rollout is in progress."],
  ])("that cannot work says why and does nothing: %s", (_, content, name) => {
    const onClick = vi.fn();
    const onSubmit = vi.fn((event: { preventDefault: () => void }) => event.preventDefault());
    render(
      <form onSubmit={onSubmit}>
        <ActionButton htmlType="submit" whyNot="A rollout is in progress." onClick={onClick}>
          {content}
        </ActionButton>
      </form>,
    );
    const button = screen.getByRole("button", { name });
    fireEvent.click(button);
    expect(onClick).not.toHaveBeenCalled();
    expect(onSubmit).not.toHaveBeenCalled();
  });

  it("that cannot work is reached by keyboard, and says why there", async () => {
    render(<ActionButton whyNot="Ask an admin.">Delete</ActionButton>);
    const button = screen.getByRole("button");
    expect(button.hasAttribute("disabled")).toBe(false);
    expect(button.getAttribute("aria-disabled")).toBe("true");
    fireEvent.focus(button);
    expect((await screen.findByRole("tooltip")).textContent).toBe("Ask an admin.");
  });

  it.each([undefined, ""])("can work where the reason is %j", (whyNot) => {
    render(<ActionButton whyNot={whyNot}>Scale</ActionButton>);
    expect(screen.getByRole("button").getAttribute("aria-disabled")).toBeNull();
  });
});
