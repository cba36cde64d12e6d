import { CheckCircleFilled, WarningFilled } from "@ant-design/icons";
import { Alert, Card, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { NeedsTable } from "../changes/NeedsTable";
import type { Preview } from "./peak";

interface Props {
  environment: string;
  /** Undefined while the quota, or what the service holds, is not known. */
  preview: Preview | undefined;
  /** Whether pods are replaced at all; a new number alone replaces none. */
  isReplacing: boolean;
  replicas: number;
  oldReplicas: number;
}

/** What the change holds at its peak, against what is left of the quota; the server decides. */
export function WhatFits({ environment, preview, isReplacing, ...counts }: Props) {
  const { t } = useTranslation(["serving", "ui"]);
  return (
    <Card size="small" title={t("start.whatFits", { environment })}>
      {preview ? (
        <Flex vertical gap={12}>
          <Verdict preview={preview} />
          {isReplacing && <ReplacementText preview={preview} {...counts} />}
          <NeedsTable needs={preview.needs} />
        </Flex>
      ) : (
        <Typography.Text type="secondary">{t("start.fitUnknown")}</Typography.Text>
      )}
    </Card>
  );
}

function Verdict({ preview }: { preview: Preview }) {
  const { t } = useTranslation("serving");
  if (preview.fits)
    return (
      <Typography.Text>
        <Typography.Text type="success">
          <CheckCircleFilled />
        </Typography.Text>{" "}
        {t("start.fits")}
      </Typography.Text>
    );
  return <Alert type="warning" showIcon title={t("start.fitsNot")} />;
}

/** How pods will be replaced, and what that costs those who ask the service meanwhile. */
function ReplacementText({
  preview,
  replicas,
  oldReplicas,
}: Omit<Props, "environment" | "isReplacing"> & { preview: Preview }) {
  const { t } = useTranslation("serving");
  const { replacement } = preview;
  if (!replacement) return null;
  const { type, max_surge: surge, max_unavailable: missing } = replacement;
  const least = Math.min(oldReplicas, replicas);
  if (type === "recreate") return <Dip>{t("start.dip.recreate")}</Dip>;
  if (!missing) return <span>{t("start.dip.surge", { count: surge })}</span>;
  const answering = Math.max(0, least - missing);
  if (!answering) return <Dip>{t("start.dip.none")}</Dip>;
  return <Dip>{t("start.dip.fewer", { count: missing, answering, of: least })}</Dip>;
}

function Dip({ children }: { children: string }) {
  return (
    <Typography.Text type="warning">
      <WarningFilled /> {children}
    </Typography.Text>
  );
}
