import { Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemView } from "@/ui/ProblemView";
import { LogLines } from "../LogLines";
import { logUrl } from "../logs/logStream";
import { useLog } from "../logs/useLog";
import type { LogHint, ServicePath } from "../types";

const LINES = 20;

interface Props {
  path: ServicePath;
  hint: LogHint;
}

/** What a container said before it ended. */
export function LastLines({ path, hint }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  const [attempt, setAttempt] = useState(0);
  const log = useLog(logUrl(path, { ...hint, tail: LINES, follow: false }), attempt);
  const label = t(hint.previous ? "lastLinesPrevious" : "lastLines", { pod: hint.pod });
  return (
    <div>
      <Typography.Text type="secondary">{label}</Typography.Text>
      {log.state === "failed" ? (
        <ProblemView error={log.error} onRetry={() => setAttempt(attempt + 1)} />
      ) : log.entries.length ? (
        <LogLines
          lines={log.entries.map(({ line, notice }) => line ?? notice ?? "")}
          sticks
          height={240}
          label={label}
        />
      ) : (
        <div>{log.state === "ended" ? t("noLines") : t("ui:loading")}</div>
      )}
    </div>
  );
}
