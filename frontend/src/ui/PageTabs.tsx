import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode } from "react";
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
}

/** One of them. The address alone does not say which is shown: a part may have none of its own. */
export const PageTab = createLink(({ isShown, ...props }: TabProps) => (
  <a {...props} className="" aria-current={isShown ? "page" : undefined} />
));
