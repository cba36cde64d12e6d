import { useEffect, useState } from "react";

const DIALOG = '[role="dialog"]';

/** What had the focus last when a dialog opened that no other dialog opened. */
let outside: Element | null = null;

/**
 * Give the focus back, once a dialog is gone, to what had it when the dialog was opened.
 *
 * The library does so only for a dialog that is told to close; ours are made when they are opened.
 */
export function useFocusReturn(): void {
  // Read before the fields of the dialog are there, one of which may take the focus.
  const [openers] = useState(openersNow);
  useEffect(
    () => () => {
      const opener = openers.find((one) => one?.isConnected);
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    },
    [openers],
  );
}

/** What opens a dialog now; where a dialog opens the next and goes, also what opened that one. */
function openersNow(): (Element | null)[] {
  const active = document.activeElement;
  if (!active?.closest(DIALOG)) outside = active;
  return [active, outside];
}
