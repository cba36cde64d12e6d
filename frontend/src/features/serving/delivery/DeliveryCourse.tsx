import { Flex, Typography } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { exactTime } from "@/ui/Time";
import { OUTCOMES } from "./measures";

/** A moment as the ends of the axis tell it, in the reader's zone. */
function dayOf(at: string): string {
  return dayjs(at).format("YYYY-MM-DD HH:mm");
}

interface Props {
  course: Schemas["DeliveryStep"][];
  stepSeconds: number;
}

/** How many deployments ended how, step by step; the numbers of a step are told where one points. */
export function DeliveryCourse({ course, stepSeconds }: Props) {
  const { t } = useTranslation("serving");
  const most = Math.max(1, ...course.map((step) => OUTCOMES.reduce((sum, o) => sum + step[o], 0)));
  const [first, last] = [course[0], course.at(-1)];
  return (
    <div className="slipway-deliveries">
      <Typography.Text type="secondary">{t("delivery.most", { count: most })}</Typography.Text>
      <div role="img" aria-label={t("delivery.course")}>
        {course.map((step) => (
          <div key={step.at} title={said(step)}>
            {OUTCOMES.toReversed().map((outcome) => (
              <span
                key={outcome}
                className={`slipway-delivery-${outcome}`}
                style={{ height: `${(step[outcome] / most) * 100}%` }}
              />
            ))}
          </div>
        ))}
      </div>
      {first && last && (
        <Flex justify="space-between">
          <span>{dayOf(first.at)}</span>
          <span>{dayOf(endOf(last))}</span>
        </Flex>
      )}
      <p>
        {OUTCOMES.map((outcome) => (
          <span key={outcome}>
            <span aria-hidden className={`slipway-delivery-${outcome}`} />{" "}
            {t(`delivery.${outcome}`)}
          </span>
        ))}
      </p>
    </div>
  );

  function endOf(step: Schemas["DeliveryStep"]): string {
    return new Date(Date.parse(step.at) + stepSeconds * 1000).toISOString();
  }

  function said(step: Schemas["DeliveryStep"]): string {
    const numbers = OUTCOMES.map((outcome) => `${t(`delivery.${outcome}`)} ${step[outcome]}`);
    return `${exactTime(step.at)} – ${exactTime(endOf(step))}: ${numbers.join(", ")}`;
  }
}
