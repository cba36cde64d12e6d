import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Toggle } from "./LogSource";

afterEach(cleanup);

it("a switch is spoken by its words, and turned by pressing them", () => {
  const onChange = vi.fn();
  render(<Toggle label="Follow" checked={false} onChange={onChange} />);
  expect(screen.getByRole("switch", { name: "Follow" })).toBe(screen.getByLabelText("Follow"));
  fireEvent.click(screen.getByText("Follow"));
  expect(onChange.mock.calls[0]?.[0]).toBe(true);
});
