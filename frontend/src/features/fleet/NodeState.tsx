import {
  CheckCircleFilled,
  CloseCircleFilled,
  PauseCircleFilled,
  QuestionCircleOutlined,
  WarningFilled,
} from "@ant-design/icons";
import { Flex, Tag, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "@/ui/Time";
import { type FleetNode, type NodeState, nodeStateOf, ownTaints, troublesOf } from "./nodeState";

const LOOK: Record<NodeState, readonly [color: string, icon: ReactNode]> = {
  ready: ["success", <CheckCircleFilled key="i" />],
  troubled: ["error", <WarningFilled key="i" />],
  cordoned: ["warning", <PauseCircleFilled key="i" />],
  notReady: ["error", <CloseCircleFilled key="i" />],
  unknown: ["warning", <QuestionCircleOutlined key="i" />],
};

/** How a node is, and why it is not well. */
export function NodeStateCell({ node }: { node: FleetNode }) {
  const { t } = useTranslation("fleet");
  const state = nodeStateOf(node);
  return (
    <Flex vertical gap={4} align="start">
      <Flex gap={4} wrap>
        <StateTag state={state} />
        {node.unschedulable && state !== "cordoned" && <StateTag state="cordoned" />}
      </Flex>
      {node.stale && (
        <Typography.Text type="secondary">
          {t("lastSeen")} <Age at={node.observed_at} />
        </Typography.Text>
      )}
      {state === "cordoned" && (
        <Typography.Text type="secondary">{t("cordonedHint")}</Typography.Text>
      )}
      {troublesOf(node).map(({ type, reason, message }) => (
        <div key={type} style={{ overflowWrap: "anywhere" }}>
          <strong title={type}>{reason || type}</strong>{" "}
          <Typography.Text type="secondary">{message}</Typography.Text>
        </div>
      ))}
      {ownTaints(node).map(({ key, value, effect }) => (
        <Typography.Text
          key={key + effect}
          code
          ellipsis
          title={t("taintHint")}
          style={{ maxWidth: "100%" }}
        >
          {value ? `${key}=${value}` : key}:{effect}
        </Typography.Text>
      ))}
    </Flex>
  );
}

function StateTag({ state }: { state: NodeState }) {
  const { t } = useTranslation("fleet");
  const [color, icon] = LOOK[state];
  return (
    <Tag color={color} icon={icon} style={{ margin: 0 }}>
      {t(`states.${state}`)}
    </Tag>
  );
}
