import { getRouteApi } from "@tanstack/react-router";
import { Button, Flex, Select, Space, Switch, Tag } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Empty } from "@/ui/Empty";
import { ProblemView } from "@/ui/ProblemView";
import { useShown } from "@/ui/useShown";
import { LogLines } from "../LogLines";
import type { ServiceProps } from "../types";
import { containerToRead } from "./containers";
import { logUrl } from "./logStream";
import { useLog } from "./useLog";

const route = getRouteApi("/app/projects/$project/environments/$environment/services/$service");
const TAILS = [100, 500, 2_000, 10_000];

/** The log of one container, live from its cluster. */
export function LogsTab({ path }: ServiceProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const pods = api.useQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/services/{service}/pods",
    { params: { path, query: { limit: 500 } } },
  );
  const known = pods.data?.results ?? [];
  const pod = search.pod ?? known[0]?.name;
  const read = known.find((one) => one.name === pod);
  const containers = read?.containers ?? [];
  const container = search.container ?? containerToRead(read);
  const [tail, setTail] = useState(500);
  const [previous, setPrevious] = useState(false);
  const [follow, setFollow] = useState(true);
  const [sticks, setSticks] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const choose = (change: { pod?: string; container?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...change }) as never, replace: true });
  // What is read stays chosen when its pod has gone, or a newer one has come.
  const isChosen = Boolean(search.pod && search.container);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `choose` is made anew with each render.
  useEffect(() => {
    if (pod && container && !isChosen) choose({ pod, container });
  }, [pod, container, isChosen]);
  const query = pod ? { pod, container, tail, previous, follow: follow && !previous } : null;
  // In six pages out of sight, logs would use up what the browser has of connections.
  const isShown = useShown();
  const log = useLog(isShown && query ? logUrl(path, query) : null, attempt);

  if (pods.isError && !pods.data)
    return <ProblemView error={pods.error} onRetry={() => void pods.refetch()} />;
  if (pods.data && !pod) return <Empty>{t("noPodsNoLogs")}</Empty>;
  return (
    <Flex vertical gap={12}>
      <Flex gap={12} wrap align="center">
        <Select
          aria-label={t("pod")}
          style={{ minWidth: 230 }}
          value={pod}
          loading={pods.isPending}
          onChange={(name: string) => choose({ pod: name, container: undefined })}
          options={known.map(({ name, ready }) => ({
            value: name,
            label: ready ? name : t("podNotReady", { name }),
          }))}
        />
        <Select
          aria-label={t("container")}
          style={{ minWidth: 96 }}
          value={container}
          onChange={(name: string) => choose({ container: name })}
          options={containers.map(({ name, kind }) => ({
            value: name,
            label: kind === "container" ? name : t(`containerKinds.${kind}`, { name }),
          }))}
        />
        <Select
          aria-label={t("tail")}
          value={tail}
          onChange={setTail}
          options={TAILS.map((value) => ({ value, label: t("lastN", { count: value }) }))}
        />
        <Toggle label={t("previous")} checked={previous} onChange={setPrevious} />
        <Toggle
          label={t("follow")}
          checked={follow && !previous}
          disabled={previous}
          onChange={setFollow}
        />
        <Toggle label={t("stick")} checked={sticks} onChange={setSticks} />
        <LogState state={log.state} />
        <Space style={{ marginInlineStart: "auto" }}>
          <Button onClick={() => setAttempt(attempt + 1)}>{t("reload")}</Button>
          <Button
            disabled={!log.lines.length}
            onClick={() => download(`${pod}.log`, log.lines.join("\n"))}
          >
            {t("download")}
          </Button>
        </Space>
      </Flex>
      {log.state === "failed" && (
        <ProblemView error={log.error} onRetry={() => setAttempt(attempt + 1)} />
      )}
      {log.lines.length > 0 ? (
        <LogLines
          lines={log.lines}
          sticks={sticks}
          onStick={setSticks}
          height="max(320px, calc(100vh - 420px))"
          label={t("logOf", { pod: pod ?? "" })}
        />
      ) : (
        log.state !== "failed" && (
          <Empty>{log.state === "ended" ? t("noLines") : t("ui:loading")}</Empty>
        )
      )}
    </Flex>
  );
}

interface ToggleProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

function Toggle({ label, ...props }: ToggleProps) {
  return (
    <Space size={6}>
      <Switch size="small" aria-label={label} {...props} />
      {label}
    </Space>
  );
}

/** Whether more lines may come. */
function LogState({ state }: { state: ReturnType<typeof useLog>["state"] }) {
  const { t } = useTranslation(["serving", "ui"]);
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
