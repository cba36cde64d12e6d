import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { router } from "@/app/router";
import { speak } from "@/lib/i18n";
import { preferences } from "@/lib/preferences";
import "./main.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// What the page needs is fetched while its words are.
void router.load();

// Words first: a page that changes its language while it is read is worse than one that waits 20 ms.
void speak(preferences().language).then(() =>
  // Made a few milliseconds at a time, so that the browser can do something else in between.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  ),
);
