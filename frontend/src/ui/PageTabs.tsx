import { createLink } from "@tanstack/react-router";
import {
  type AnchorHTMLAttributes,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useRef,
} from "react";
import "./PageTabs.css";

/** The parts of an object, each with an address of its own: links that look like tabs. */
export function PageTabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="slipway-tabs">
      {children}
    </nav>
  );
}

interface TabProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  isShown: boolean;
  ref?: Ref<HTMLAnchorElement>;
}

/** One of them. The address alone does not say which is shown: a part may have none of its own. */
export const PageTab = createLink(({ isShown, ref, ...props }: TabProps) => {
  const tab = useRef<HTMLAnchorElement>(null);
  useImperativeHandle(ref, () => tab.current as HTMLAnchorElement);
  useEffect(() => {
    // Not `scrollIntoView`, which would move the page too.
    if (isShown && tab.current) showInRow(tab.current);
  }, [isShown]);
  return <a {...props} ref={tab} className="" aria-current={isShown ? "page" : undefined} />;
});

/** Bring a tab to the middle of a row that is too narrow for all of them. */
function showInRow(tab: HTMLElement): void {
  const row = tab.parentElement;
  if (row) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}
