import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { Problem } from "@/api/problem";
import { speak } from "@/lib/i18n";
import { FormDialog } from "./FormDialog";

beforeAll(() => speak("en"));
afterEach(cleanup);

function refuseWith(status: number, onReadAgain: () => void): void {
  const refusal = new Problem({ title: "", status, detail: "No.", reason: "Conflict" });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <FormDialog
        title="Quota"
        verb="Save"
        send={() => Promise.reject(refusal)}
        onClose={() => undefined}
        onReadAgain={onReadAgain}
      >
        {null}
      </FormDialog>
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
}

it("offers to read again what somebody else changed meanwhile", async () => {
  const onReadAgain = vi.fn();
  refuseWith(412, onReadAgain);
  fireEvent.click(await screen.findByRole("button", { name: "Read it again" }));
  expect(onReadAgain).toHaveBeenCalledOnce();
});

it("does not offer it after another refusal", async () => {
  refuseWith(409, vi.fn());
  expect(await screen.findByText("No.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Read it again" })).toBeNull();
});
