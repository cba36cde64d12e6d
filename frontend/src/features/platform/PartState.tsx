import {
  CheckCircleFilled,
  ClockCircleFilled,
  CloseCircleFilled,
  QuestionCircleOutlined,
  WarningFilled,
} from "@ant-design/icons";
import { Flex, Tag, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ReasonText } from "@/ui/Reason";
import { Age } from "@/ui/Time";
import type { PartHealth } from "./health";

const LOOK: Record<PartHealth["state"], readonly [color: string, icon: ReactNode]> = {
  ok: ["success", <CheckCircleFilled key="i" />],
  late: ["error", <ClockCircleFilled key="i" />],
  unreachable: ["error", <CloseCircleFilled key="i" />],
  unknown: ["warning", <QuestionCircleOutlined key="i" />],
};
/** It answers, and not with all that it should. */
const OK_BUT = ["warning", <WarningFilled key="i" />] as const;

function lookOf({ state, reason }: PartHealth) {
  return state === "ok" && reason ? OK_BUT : LOOK[state];
}

interface Props {
  part: PartHealth;
  /** Whether this is the present; otherwise it is what was last known. */
  isCurrent: boolean;
}

/** How a part is; of the past it only says what it was. */
export function PartTag({ part, isCurrent }: Props) {
  const { t } = useTranslation("platform");
  const state = t(`states.${part.state}`);
  const [color, icon] = isCurrent ? lookOf(part) : LOOK.unknown;
  return (
    <Tag color={color} icon={icon} style={{ margin: 0 }}>
      {isCurrent ? state : t("was", { state })}
    </Tag>
  );
}

/** What is wrong with a part, in the server's words. */
export function PartTrouble({ part }: { part: PartHealth }) {
  if (!part.reason && !part.message) return null;
  return (
    <span style={{ overflowWrap: "anywhere" }}>
      <strong>
        <ReasonText reason={part.reason} />
      </strong>{" "}
      <Typography.Text type="secondary">{part.message}</Typography.Text>
    </span>
  );
}

/** A part in a cell: how it is, since when that is known, and what is wrong. */
export function PartCell({ part, isCurrent }: Partial<Props>) {
  const { t } = useTranslation("platform");
  if (!part) return <Typography.Text type="secondary">{t("notYetLooked")}</Typography.Text>;
  return (
    <Flex vertical gap={4}>
      <Flex gap={8} align="center" wrap>
        <PartTag part={part} isCurrent={isCurrent ?? false} />
        {part.version && <Typography.Text>{part.version}</Typography.Text>}
        <Typography.Text type="secondary">
          <Age at={part.observed_at} />
        </Typography.Text>
      </Flex>
      <PartTrouble part={part} />
    </Flex>
  );
}
