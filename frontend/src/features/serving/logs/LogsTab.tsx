import { Button, Flex, Space, Tag } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { ProblemView } from "@/ui/ProblemView";
import { useShown } from "@/ui/useShown";
import type { ServiceProps } from "../types";
import { LogSearch } from "./LogSearch";
import { LogSource } from "./LogSource";
import { LogView } from "./LogView";
import { logUrl } from "./logStream";
import { asText, filtered, holds, nameOf } from "./shownLines";
import { type Numbered, useLog } from "./useLog";
import { useLogSettings } from "./useLogSettings";

/** The logs of a service, live from its cluster: of all pods together, or of one. */
export function LogsTab({ path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const [settings, change] = useLogSettings();
  const { pod, find, line, level, only } = settings;
  const pods = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/pods",
    { params: { path, query: { limit: 500 } } },
  );
  const [attempt, setAttempt] = useState(0);
  const [pausedAt, setPausedAt] = useState<number>();
  const [chosen, setChosen] = useState<number>();
  const [copied, setCopied] = useState<string>();
  // In six pages out of sight, logs would use up what the browser has of connections.
  const isShown = useShown();
  const url = isShown ? logUrl(path, settings) : null;
  const log = useLog(url, attempt);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines that are read anew are numbered anew
  useEffect(() => {
    setChosen(undefined);
    setPausedAt(undefined);
  }, [url, attempt]);
  const shown = useMemo(
    () => filtered(log.entries, { text: only ? find : "", level }),
    [log.entries, only, find, level],
  );
  const found = useMemo(
    () => (find ? shown.filter((entry) => holds(entry, find)) : []),
    [shown, find],
  );
  const linked = useMemo(
    () => (line ? log.entries.find((entry) => nameOf(entry) === line) : undefined),
    [log.entries, line],
  );
  const current = chosen ?? linked?.number;
  const isPaused = pausedAt !== undefined || current !== undefined;
  const last = log.entries.at(-1)?.number ?? -1;
  const place = found.findIndex(({ number }) => number === chosen) + 1;
  const point = (entry: Numbered | undefined) => {
    if (!entry) return;
    setPausedAt((before) => before ?? last);
    setChosen(entry.number);
  };
  const move = (by: 1 | -1) => {
    // The newest is what a first search is after.
    const next = place ? place - 1 + by : found.length - 1;
    point(found.at(next % found.length));
  };
  const link = (entry: Numbered) => {
    // By the address: lines that are read anew have other numbers.
    setChosen(undefined);
    setPausedAt(undefined);
    change({ line: nameOf(entry) });
    const address = new URL(window.location.href);
    address.searchParams.set("line", nameOf(entry));
    // Browsers let pages without TLS write nothing; the address has the link all the same.
    void navigator.clipboard
      ?.writeText(address.href)
      .then(() => setCopied(nameOf(entry)))
      .catch(() => undefined);
  };
  const resume = () => {
    setPausedAt(undefined);
    setChosen(undefined);
    if (line) change({ line: undefined });
  };
  const stick = (sticks: boolean) => {
    if (!sticks) setPausedAt((before) => before ?? last);
    else if (current === undefined) setPausedAt(undefined);
  };
  const pointed = log.entries.find(({ number }) => number === current);

  if (pods.isError && !pods.data)
    return <ProblemView error={pods.error} onRetry={() => void pods.refetch()} />;
  if (pods.data?.results.length === 0 && !pod && log.entries.length === 0)
    return <Empty>{t("noPodsNoLogs")}</Empty>;
  return (
    <Flex vertical gap={12}>
      <Flex gap={12} wrap align="center">
        <LogSource pods={pods.data?.results ?? []} settings={settings} onChange={change} />
        <LogState state={log.state} />
        <Space style={{ marginInlineStart: "auto" }}>
          <Button onClick={() => setAttempt(attempt + 1)}>{t("reload")}</Button>
          <Button
            disabled={!shown.length}
            onClick={() => download(`${pod ?? path.service}.log`, asText(shown, !pod))}
          >
            {t("download")}
          </Button>
        </Space>
      </Flex>
      <Flex gap={12} wrap align="center">
        <LogSearch
          settings={settings}
          onChange={(changed) => {
            setChosen(undefined);
            change(changed);
          }}
          found={{ count: found.length, place }}
          onMove={move}
        />
        <Button disabled={!pointed?.at} onClick={() => pointed && link(pointed)}>
          {t("copyLink")}
        </Button>
        {line && copied === line && <span role="status">{t("lineCopied")}</span>}
      </Flex>
      {line && !linked && log.state !== "loading" && <span role="status">{t("lineNotRead")}</span>}
      {log.state === "failed" && (
        <ProblemView error={log.error} onRetry={() => setAttempt(attempt + 1)} />
      )}
      {log.entries.length > 0 ? (
        <>
          <LogView
            entries={shown}
            label={t("logOf", { pod: pod ?? path.service })}
            isOfMany={!pod}
            isTimed={settings.times}
            wraps={settings.wrap}
            mark={find}
            sticks={!isPaused}
            onStick={stick}
            current={current}
            onChoose={link}
          />
          <Flex gap={12} wrap align="center" style={{ minHeight: 32 }}>
            <span role="status">
              {isPaused
                ? t("paused", { count: last - (pausedAt ?? last) })
                : t("linesShown", { count: shown.length, all: log.entries.length })}
            </span>
            {isPaused && (
              <Button type="primary" size="small" onClick={resume}>
                {t("resume")}
              </Button>
            )}
          </Flex>
        </>
      ) : (
        log.state !== "failed" && (
          <Empty>{log.state === "loading" ? t("ui:loading") : t("noLines")}</Empty>
        )
      )}
    </Flex>
  );
}

/** Whether more lines may come. */
function LogState({ state }: { state: ReturnType<typeof useLog>["state"] }) {
  const { t } = useTranslation("serving");
  const colour = { loading: "default", following: "processing", ended: "default", failed: "error" };
  return <Tag color={colour[state]}>{t(`logStates.${state}`)}</Tag>;
}

/** Hand what is shown to the browser as a file. */
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
