import { WarningFilled } from "@ant-design/icons";
import { Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import { AnchoredCard } from "../AnchoredCard";
import type { Service, ServiceProps } from "../types";
import { useWhyNot } from "../whyNot";
import { driftedFields, type Resolution } from "./drift";
import { FieldList } from "./FieldList";

const ResolveDialog = lazyDialog(() => import("./ResolveDialog"), "ResolveDialog");

/** Where the page shows what differs. */
export const DRIFT_ANCHOR = "drift";

/** What the cluster has otherwise than it was rolled out, who wrote it, and the two ways to end it. */
export function DriftPanel({ service, path }: ServiceProps) {
  const { t } = useTranslation("serving");
  const [asked, setAsked] = useState<Resolution>();
  const count = service.drift.length;
  const title = t("drift.title", { count });
  if (!count && !asked) return null;
  return (
    <AnchoredCard
      anchor={DRIFT_ANCHOR}
      title={
        <>
          <Typography.Text type="warning">
            <WarningFilled />
          </Typography.Text>{" "}
          {title}
        </>
      }
    >
      <Flex vertical gap={12}>
        {service.stale && <Typography.Text type="warning">{t("drift.stale")}</Typography.Text>}
        <FieldList isWide label={title} fields={driftedFields(service.drift)} />
        <Typography.Text type="secondary">{t("drift.hint")}</Typography.Text>
        <Flex gap={8} wrap>
          <ResolveButton verb="restore" service={service} onClick={setAsked} />
          <ResolveButton verb="take_over" service={service} onClick={setAsked} />
        </Flex>
      </Flex>
      {asked && (
        <ResolveDialog
          verb={asked}
          service={service}
          path={path}
          onClose={() => setAsked(undefined)}
        />
      )}
    </AnchoredCard>
  );
}

interface ButtonProps {
  verb: Resolution;
  service: Service;
  onClick: (verb: Resolution) => void;
}

function ResolveButton({ verb, service, onClick }: ButtonProps) {
  const { t } = useTranslation("serving");
  const whyNot = useWhyNot(service.actions, verb);
  return (
    <ActionButton whyNot={whyNot} onClick={() => onClick(verb)}>
      {t(`verbs.${verb}`)}
    </ActionButton>
  );
}
