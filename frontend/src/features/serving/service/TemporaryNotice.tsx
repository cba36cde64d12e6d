import { Alert, Flex } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import { exactTime, useNow } from "@/ui/Time";
import { countdownTo } from "../countdown";
import type { ServiceProps } from "../types";
import { useWhyNot } from "../whyNot";

const ScaleDialog = lazyDialog(() => import("../dialogs/ScaleDialog"), "ScaleDialog");

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** The first usual time that is longer than what is left: from now, it extends that. */
function longerThan(leftMs: number): string {
  const hours = [1, 4, 24, 72, 168].find((one) => one * HOUR_MS > leftMs);
  return hours ? `${hours}h` : "720h";
}

/** A number of pods that holds for a while: how long still, and the two ways to change that. */
export function TemporaryNotice({ service, path }: ServiceProps) {
  const { t } = useTranslation("serving");
  const [asked, setAsked] = useState<"end" | "extend">();
  const whyNot = useWhyNot(service.actions, "scale");
  const now = useNow(SECOND_MS);
  const { replicas, temporary_replicas: count, temporary_expires_at: until } = service;
  if (count === null || until === null) return null;
  const left = countdownTo(until, now);
  return (
    <>
      <Alert
        type="info"
        showIcon
        title={t("temporaryNotice.title", { count, permanent: replicas })}
        description={
          <time dateTime={until} title={exactTime(until)} className="slipway-number">
            {left ? t("temporaryNotice.left", { left }) : t("temporaryNotice.over")}
          </time>
        }
        action={
          <Flex gap={8} wrap>
            <ActionButton size="small" whyNot={whyNot} onClick={() => setAsked("extend")}>
              {t("temporaryNotice.extend")}
            </ActionButton>
            <ActionButton size="small" whyNot={whyNot} onClick={() => setAsked("end")}>
              {t("temporaryNotice.end")}
            </ActionButton>
          </Flex>
        }
      />
      {asked && (
        <ScaleDialog
          service={service}
          path={path}
          // Permanently the permanent number: that is how a temporary one ends.
          initial={
            asked === "end"
              ? { replicas }
              : { replicas: count, expires_in: longerThan(dayjs(until).diff(now)) }
          }
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}
