import { ClockCircleOutlined, StopOutlined, WarningFilled } from "@ant-design/icons";
import { Flex, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useNow, When } from "@/ui/Time";
import { type Token, type TokenState, tokenStateOf } from "./tokenState";

const LOOK: Record<Exclude<TokenState, "active">, readonly [string, React.ReactNode]> = {
  expiring: ["warning", <WarningFilled key="i" />],
  expired: ["error", <ClockCircleOutlined key="i" />],
  revoked: ["default", <StopOutlined key="i" />],
};

/** Until when a token works, or since when it does not. */
export function TokenExpiry({ token }: { token: Token }) {
  const { t } = useTranslation("accounts");
  const state = tokenStateOf(token, useNow());
  const at = token.revoked_at ?? token.expires_at;
  const time = at ? <When at={at} /> : t("neverExpires");
  if (state === "active") return time;
  const [color, icon] = LOOK[state];
  return (
    <Flex gap={8} align="center">
      <Tag color={color} icon={icon} style={{ margin: 0 }}>
        {t(`tokenStates.${state}`)}
      </Tag>
      {time}
    </Flex>
  );
}
