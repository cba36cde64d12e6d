import { QueryClient } from "@tanstack/react-query";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import { showOnPage } from "@/testing/page";

vi.stubGlobal("fetch", async () => Response.json({ results: [] }));
const { Finder } = await import("./Finder");

beforeAll(() => speak("en"));
afterEach(cleanup);

it("finds what is typed before its field is there, and goes nowhere by it", async () => {
  await showOnPage(<Finder />, new QueryClient());
  fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
  for (const key of ["g", "p", "u", "Shift"]) fireEvent.keyDown(document.body, { key });
  const field = await screen.findByRole<HTMLInputElement>("combobox");
  expect(field.value).toBe("gpu");
});
