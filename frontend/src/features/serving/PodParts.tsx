import {
  CheckCircleFilled,
  ExclamationCircleFilled,
  MinusCircleOutlined,
  SyncOutlined,
} from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useReason } from "@/ui/Reason";

/** The node that a pod runs on, as a way to the fleet. */
export function NodeLink({ node }: { node: string | null | undefined }) {
  const { t } = useTranslation(["serving", "ui"]);
  if (!node) return <span>{t("noNode")}</span>;
  return (
    <Link to="/fleet" search={{ search: node }}>
      {node}
    </Link>
  );
}

interface PodFacts {
  ready: boolean;
  terminating: boolean;
  reason?: string;
  message?: string;
}

/** What every pod goes through on its way. */
const UNDER_WAY = new Set(["", "Starting", "Initializing", "NotReady"]);

/** How a pod is, in one tag; its sentence on hover. */
export function PodState({ pod }: { pod: PodFacts }) {
  const { t } = useTranslation(["serving", "ui"]);
  const reason = useReason(pod.reason ?? "");
  if (pod.terminating)
    return (
      <Tag icon={<MinusCircleOutlined />} title={pod.message}>
        {t("terminating")}
      </Tag>
    );
  if (pod.ready)
    return (
      <Tag color="success" icon={<CheckCircleFilled />}>
        {t("ready")}
      </Tag>
    );
  const isUnderWay = UNDER_WAY.has(pod.reason ?? "");
  return (
    <Tag
      color={isUnderWay ? "processing" : "error"}
      icon={isUnderWay ? <SyncOutlined /> : <ExclamationCircleFilled />}
      title={pod.message}
    >
      {reason || t("notReady")}
    </Tag>
  );
}
