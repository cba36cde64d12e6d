import { Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import { AnchoredCard } from "../AnchoredCard";
import { ChangeList } from "../changes/ChangeList";
import type { ServiceProps } from "../types";
import { useMayNot } from "../whyNot";
import { DRAFT_ANCHOR, draftedChanges, isDrafted } from "./draft";

const DiscardDialog = lazyDialog(() => import("./DiscardDialog"), "DiscardDialog");

/** What the next rollout will bring, beside what runs; it can be discarded. */
export function DraftPanel({ service, path }: ServiceProps) {
  const { t } = useTranslation("serving");
  const [isAsking, setAsking] = useState(false);
  const whyNot = useMayNot(path.project, "service.write");
  if (!isDrafted(service) && !isAsking) return null;
  const changes = draftedChanges(service);
  return (
    <AnchoredCard
      anchor={DRAFT_ANCHOR}
      title={t("draft.title")}
      extra={
        <ActionButton size="small" whyNot={whyNot} onClick={() => setAsking(true)}>
          {t("draft.discard")}
        </ActionButton>
      }
    >
      <Flex vertical gap={8}>
        {changes.length ? <ChangeList changes={changes} /> : <span>{t("draft.empty")}</span>}
        <Typography.Text type="secondary">{t("draft.hint")}</Typography.Text>
      </Flex>
      {isAsking && <DiscardDialog service={service} path={path} onClose={() => setAsking(false)} />}
    </AnchoredCard>
  );
}
