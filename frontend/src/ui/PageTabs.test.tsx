import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { PageTab, PageTabs } from "./PageTabs";

afterEach(cleanup);

it("brings the chosen tab into the middle of a row that is too narrow", async () => {
  vi.spyOn(HTMLElement.prototype, "offsetLeft", "get").mockReturnValue(500);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(100);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(300);
  await showOnPage(
    <PageTabs label="Parts">
      <PageTab to="." isShown={false}>
        Overview
      </PageTab>
      <PageTab to="." isShown>
        Logs
      </PageTab>
    </PageTabs>,
    makeKnown(),
  );
  expect(screen.getByRole("link", { current: "page" }).textContent).toBe("Logs");
  expect(screen.getByRole("navigation").scrollLeft).toBe(400);
});
