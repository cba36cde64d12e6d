import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { speak } from "@/lib/i18n";
import { makeKnown } from "@/testing/known";
import { showOnPage } from "@/testing/page";
import { Filters } from "./Filters";

beforeAll(() => speak("en"));
afterEach(cleanup);

type Name = "phase" | "since";

async function show(search: { [Key in Name]?: string }) {
  const onChange = vi.fn();
  const phases = [{ value: "Paused", label: "Paused" }];
  await showOnPage(
    <Filters<Name>
      filters={[
        { name: "phase", label: "Any phase", options: phases },
        { name: "since", label: "From", isDay: true },
      ]}
      search={search}
      onChange={onChange}
    />,
    makeKnown(),
  );
  return onChange;
}

it("shows what an address names though it is none of the choices, and can clear it", async () => {
  const onChange = await show({ phase: "Nonsense", since: "2026-11-30" });
  expect(screen.getByText("Nonsense")).toBeTruthy();
  const clear = document.querySelector(".ant-select-clear");
  fireEvent.click(clear as Element);
  expect(onChange).toHaveBeenCalledWith({ since: "2026-11-30" });
});

it("asks for a day that is typed once its year is whole", async () => {
  const onChange = await show({});
  const field = screen.getByLabelText<HTMLInputElement>("From");
  for (const day of ["0002-11-30", "0202-11-30"]) {
    fireEvent.change(field, { target: { value: day } });
    expect(field.value).toBe(day);
  }
  expect(onChange).not.toHaveBeenCalled();
  fireEvent.change(field, { target: { value: "2026-11-30" } });
  expect(onChange).toHaveBeenCalledExactlyOnceWith({ since: "2026-11-30" });
});

it("shows the day that is asked for once a half typed one is left", async () => {
  await show({ since: "2026-11-30" });
  const field = screen.getByLabelText<HTMLInputElement>("From");
  fireEvent.change(field, { target: { value: "0002-11-30" } });
  fireEvent.blur(field);
  expect(field.value).toBe("2026-11-30");
});
