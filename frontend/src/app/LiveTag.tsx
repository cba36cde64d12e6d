import { Badge, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { useLiveState } from "@/api/live";

const COLOUR = {
  live: "success",
  connecting: "processing",
  polling: "warning",
  silent: "error",
} as const;
const HINT = {
  live: "liveHint",
  connecting: "liveHint",
  polling: "pollingHint",
  silent: "silentHint",
} as const;

/** Whether changes appear by themselves. */
export function LiveTag() {
  const { t } = useTranslation("shell");
  const state = useLiveState();
  return (
    <Tooltip title={t(HINT[state])}>
      <span role="status" style={{ whiteSpace: "nowrap" }}>
        <Badge
          status={COLOUR[state]}
          text={<span style={{ color: "rgba(255,255,255,.85)" }}>{t(state)}</span>}
        />
      </span>
    </Tooltip>
  );
}
