import { useEffect, useState } from "react";

/** How long a page may be out of sight before it counts as hidden: a glance elsewhere is shorter. */
export const GLANCE_MS = 20_000;

/** Return whether the page is looked at; a browser has few connections for all of its pages. */
export function useShown(): boolean {
  const [isShown, setShown] = useState(true);
  useEffect(() => {
    let glance: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      clearTimeout(glance);
      if (document.hidden) glance = setTimeout(() => setShown(false), GLANCE_MS);
      else setShown(true);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(glance);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return isShown;
}
