import dayjs from "dayjs";
import i18next from "i18next";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/lib/serverClock";

/** Render again every few seconds, so that ages grow; by the server's clock, whose times they are of. */
export function useNow(everyMs = 10_000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long ago something was, with the exact time on hover. */
export function Age({ at }: { at: string | null | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  if (!at) return <span>{t("never")}</span>;
  return (
    <time dateTime={at} title={exactTime(at)}>
      {dayjs(at).from(dayjs(Math.max(now, dayjs(at).valueOf())))}
    </time>
  );
}

/** When something will be, or was, with the exact time on hover. */
export function When({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exactTime(at)}>
      {dayjs(at).from(dayjs(now))}
    </time>
  );
}

/** A point in time, for lists whose order in time matters. */
export function Timestamp({ at }: { at: string }) {
  return (
    <time dateTime={at} title={`${exactTime(at)}, ${dayjs(at).from(dayjs(serverNow()))}`}>
      {dayjs(at).format("YYYY-MM-DD HH:mm:ss")}
    </time>
  );
}

/** A point in time to the second, with its zone. */
export function exactTime(at: string): string {
  const zone = dayjs(at).format("Z");
  return `${dayjs(at).format("YYYY-MM-DD HH:mm:ss")} UTC${zone}`;
}

/** How long something took: `850 ms`, `4.2 s`, `3 min 20 s`, in the reader's language. */
export function formatDuration(seconds: number): string {
  // What rounds up to the next unit is one of it: 59.96 s is a minute.
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds < 1000) return i18next.t("units.milliseconds", { amount: milliseconds });
  if (seconds < 59.95) return i18next.t("units.seconds", { amount: seconds.toFixed(1) });
  const whole = Math.round(seconds);
  if (whole < 3600) return inTwo(whole, "minutes", "seconds");
  return inTwo(Math.round(seconds / 60), "hours", "minutes");
}

/** What rests on times of whole seconds is not said any closer. */
export function underASecond(): string {
  return `< ${i18next.t("units.seconds", { amount: 1 })}`;
}

type Unit = "hours" | "minutes" | "seconds";

/** Write an amount of the smaller unit in both, of which one may be nothing. */
function inTwo(amount: number, larger: Unit, smaller: Unit): string {
  const parts = [[Math.floor(amount / 60), larger] as const, [amount % 60, smaller] as const];
  const said = parts.filter(([count]) => count);
  return said.map(([count, unit]) => i18next.t(`units.${unit}`, { amount: count })).join(" ");
}
