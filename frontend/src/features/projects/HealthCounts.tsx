import { Link } from "@tanstack/react-router";
import { Flex, theme } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { HEALTH_LOOK, type Health } from "@/ui/Status";

/** What is wrong comes first. */
const ORDER: Health[] = ["Degraded", "Unknown", "Progressing", "Healthy", "Stopped"];

interface Props {
  project: string;
  counts: Schemas["HealthCounts"] | undefined;
}

/** How many services are how; each number leads to them, and none is quiet. */
export function HealthCounts({ project, counts }: Props) {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  if (!counts) return <i>{t("unknown")}</i>;
  const colourOf = (health: Health) =>
    ({
      success: token.colorSuccess,
      processing: token.colorInfo,
      error: token.colorError,
      warning: token.colorWarning,
      default: token.colorTextSecondary,
    })[HEALTH_LOOK[health][0]];
  return (
    <Flex gap={14} className="slipway-number">
      {ORDER.map((health) => {
        const count = counts[health] ?? 0;
        const label = `${t(`healths.${health}`)}: ${count}`;
        const icon = HEALTH_LOOK[health][1];
        if (count === 0)
          return (
            <span key={health} title={label} style={{ color: token.colorTextTertiary }}>
              {icon} <span aria-hidden>0</span>
            </span>
          );
        return (
          <Link
            key={health}
            to="/projects/$project/services"
            params={{ project }}
            search={{ health }}
            title={label}
            aria-label={label}
            style={{ color: colourOf(health), fontWeight: 600 }}
          >
            {icon} {count}
          </Link>
        );
      })}
    </Flex>
  );
}
