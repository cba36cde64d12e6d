import {
  CheckCircleFilled,
  ExclamationCircleFilled,
  QuestionCircleOutlined,
} from "@ant-design/icons";
import { Alert, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { fitOf, isRefused, type Room } from "./fit";

interface Props {
  fit: Pick<Schemas["Fit"], "verdict" | "message">;
  needs: Schemas["Need"][];
}

const LOOK = {
  yes: { Icon: CheckCircleFilled, type: "success" },
  no: { Icon: ExclamationCircleFilled, type: "danger" },
  unknown: { Icon: QuestionCircleOutlined, type: "secondary" },
} as const;

/** Whether the quota has room, and whether nodes have: two questions, each with its own answer. */
export function FitLines({ fit, needs }: Props) {
  const { t } = useTranslation("serving");
  const room = fitOf({ verdict: fit.verdict, needs });
  return (
    <Flex vertical gap={4}>
      {isRefused({ fit }) && <Alert type="error" showIcon title={fit.message} />}
      <Line room={room.quota} label={t(`plan.quotaRoom.${room.quota}`)} />
      <Line room={room.nodes} label={t(`plan.nodesRoom.${room.nodes}`)}>
        {room.nodes !== "unknown" && fit.message}
      </Line>
    </Flex>
  );
}

interface LineProps {
  room: Room;
  label: string;
  children?: string | false;
}

function Line({ room, label, children }: LineProps) {
  const { Icon, type } = LOOK[room];
  return (
    <Flex gap={8} align="baseline">
      <Typography.Text type={type}>
        <Icon />
      </Typography.Text>
      <span style={{ overflowWrap: "anywhere" }}>
        {label} {children}
      </span>
    </Flex>
  );
}
