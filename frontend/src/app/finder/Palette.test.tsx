import { QueryClient } from "@tanstack/react-query";
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import { showOnPage } from "@/testing/page";

// The client takes it when it is loaded.
const { ask } = vi.hoisted(() => {
  const ask = vi.fn();
  vi.stubGlobal("fetch", ask);
  return { ask };
});
const { Palette } = await import("./Palette");

beforeAll(() => speak("en"));
afterEach(cleanup);

const FAILED = () => Response.json({ title: "", status: 500, detail: "Broken." }, { status: 500 });
const FOUND = () => {
  const place = { title: "", project: "vision", environment: "", model: "", cluster: "" };
  return Response.json({ results: [{ ...place, object: "model", name: "fleet" }] });
};

/** The palette, with what is typed into it. */
function Typed({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  return <Palette text={text} onText={setText} onClose={onClose} onKeys={vi.fn()} />;
}

/** Type what the server first fails to find, and a page of the dashboard is called too. */
async function failToFind() {
  ask
    .mockReset()
    .mockImplementationOnce(async () => FAILED())
    .mockImplementation(async () => FOUND());
  const onClose = vi.fn();
  await showOnPage(
    <Typed onClose={onClose} />,
    new QueryClient({ defaultOptions: { queries: { retry: false } } }),
  );
  const field = screen.getByRole("combobox");
  fireEvent.change(field, { target: { value: "fleet" } });
  return { field, onClose };
}

it("Enter after a search that failed asks again, and goes nowhere else", async () => {
  const { field, onClose } = await failToFind();
  await screen.findByText("Broken.");
  fireEvent.keyDown(field, { key: "Enter" });
  await screen.findByText("vision");
  expect(ask).toHaveBeenCalledTimes(2);
  expect(onClose).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onClose).toHaveBeenCalledOnce();
});

it("Enter that waits for an answer goes nowhere when none comes", async () => {
  const { field, onClose } = await failToFind();
  fireEvent.keyDown(field, { key: "Enter" });
  await screen.findByText("Broken.");
  await waitFor(() => expect(screen.getByRole("status").textContent).not.toBe("Looking…"));
  expect(onClose).not.toHaveBeenCalled();
});

it("what was pointed at is gone to whether or not the search failed", async () => {
  const { field, onClose } = await failToFind();
  await screen.findByText("Broken.");
  fireEvent.keyDown(field, { key: "ArrowDown" });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onClose).toHaveBeenCalledOnce();
});
