import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { Input, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { afterEach, expect, it } from "vitest";
import { lazyDialog } from "./lazyDialog";
import { useFocusReturn } from "./useFocusReturn";

afterEach(cleanup);

interface Props {
  onClose: () => void;
  children?: ReactNode;
}

function Dialog({ onClose, children }: Props) {
  useFocusReturn();
  return (
    <Modal open footer={null} onCancel={onClose}>
      <Input autoFocus aria-label="field" />
      <button type="button" onClick={onClose}>
        Done
      </button>
      {children}
    </Modal>
  );
}

const Late = lazyDialog(() => Promise.resolve({ Dialog }), "Dialog");

function Page({ as: Shown }: { as: typeof Dialog }) {
  const [open, setOpen] = useState<"first" | "second">();
  const close = () => setOpen(undefined);
  return (
    <>
      <button type="button" onClick={() => setOpen("first")}>
        Open
      </button>
      {open === "first" && (
        <Shown onClose={close}>
          <button type="button" onClick={() => setOpen("second")}>
            Next
          </button>
        </Shown>
      )}
      {open === "second" && <Dialog onClose={close} />}
    </>
  );
}

async function press(name: string): Promise<HTMLElement> {
  const button = await screen.findByRole("button", { name });
  button.focus();
  fireEvent.click(button);
  return button;
}

it.each([
  ["a dialog", Dialog],
  ["a dialog that was fetched first", Late],
])("the focus is where it was when %s is closed", async (_, shown) => {
  render(<Page as={shown as typeof Dialog} />);
  const opener = await press("Open");
  await press("Done");
  await waitFor(() => expect(document.activeElement).toBe(opener));
});

it("a dialog that follows another gives the focus to what opened the first", async () => {
  render(<Page as={Dialog} />);
  const opener = await press("Open");
  await press("Next");
  await press("Done");
  await waitFor(() => expect(document.activeElement).toBe(opener));
});
