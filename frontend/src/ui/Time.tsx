import dayjs from "dayjs";
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

/** How long something took: `850 ms`, `4.2 s`, `3 min 20 s`. */
export function formatDuration(seconds: number): string {
  // What rounds up to the next unit is one of it: 59.96 s is a minute.
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
