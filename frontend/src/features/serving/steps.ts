import i18next from "i18next";
import type { Schemas } from "@/api/client";
import type { RolloutDetail } from "./types";

export type ShownStep = Schemas["ShownStep"];
export type StatedStep = Schemas["Step"];

/** Write stated steps as they stand in a list of changes: `10 % → pause 5m → 50 % → pause`. */
export function stepsInShort(steps: StatedStep[]): string {
  const words = steps.map(({ weight, pause }) =>
    weight === undefined
      ? i18next.t("serving:steps.pauseInShort", { lasts: pause ?? "" }).trim()
      : `${weight} %`,
  );
  return words.join(" → ");
}

/** Whether the pods that there are cannot give the share that was asked for. */
export function isRounded({ kind, weight, share }: ShownStep): boolean {
  return kind === "weight" && share !== null && Math.round(share * 100) !== weight;
}

export type StepState = "done" | "now" | "ahead";

/** Return where each step stands, and after them the last, in which all pods are the new ones. */
export function stepStates({ steps, step, phase }: RolloutDetail): StepState[] {
  const places = [...steps.keys(), steps.length];
  if (phase === "Succeeded") return places.map(() => "done");
  return places.map((place) => (place < step ? "done" : place > step ? "ahead" : "now"));
}

/** Return when a pause that is under way ends by itself; undefined if none does. */
export function endOfPause({
  steps,
  step,
  step_started_at: began,
  reason,
}: RolloutDetail): string | undefined {
  const seconds = steps[step]?.seconds;
  if (reason !== "StepPause" || !began || !seconds) return undefined;
  return new Date(Date.parse(began) + seconds * 1000).toISOString();
}
