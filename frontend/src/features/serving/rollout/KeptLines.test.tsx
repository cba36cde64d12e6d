import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it } from "vitest";
import { speak } from "@/lib/i18n";
import { KeptLines } from "./KeptLines";

beforeAll(() => speak("en"));
afterEach(cleanup);

it("shows what the container that failed said last, and whose words they are", () => {
  const lines = ["loading", "out of memory"];
  render(<KeptLines kept={{ pod: "scorer-1", container: "setup", lines }} />);
  const log = screen.getByRole("log", { name: "Last lines of setup in scorer-1 when it failed" });
  expect(log.textContent).toBe("loading\nout of memory");
});
