import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { formatAmount, isDevice } from "@/lib/quantity";
import { QuotaTrack } from "@/ui/QuotaTrack";
import { amountOf } from "@/ui/quota";
import { useAmount, useResourceName } from "@/ui/Resource";
import type { FleetNode } from "./nodeState";

interface Props {
  node: FleetNode;
  resource: string;
}

/** What live pods ask for of what a node can give, of one resource, in a line and a bar. */
export function NodeBar({ node, resource }: Props) {
  const { t, i18n } = useTranslation("fleet");
  const write = useAmount();
  const name = useResourceName()(resource);
  const allocatable = amountOf(node.allocatable[resource] ?? "0") ?? 0;
  const requested = node.stale ? null : amountOf(node.requested[resource] ?? "0");
  const held = requested === null ? "?" : formatAmount(resource, requested, i18n.language);
  const label = t("requestedOf", {
    resource: name,
    requested: write(resource, requested),
    allocatable: write(resource, allocatable),
  });
  return (
    <div title={label} className="slipway-node-bar">
      <span className="slipway-number" style={{ fontSize: 12, whiteSpace: "nowrap" }}>
        {held} / {write(resource, allocatable)}
        {isDevice(resource) && resource !== "nvidia.com/gpu" && ` ${resource.split("/")[1]}`}
      </span>
      <QuotaTrack amounts={{ quota: allocatable, requested }} label={label} isCompact />
      {isDevice(resource) && <Withheld node={node} resource={resource} />}
    </div>
  );
}

/** Devices that are there and that the node does not give away: they are unhealthy. */
function Withheld({ node, resource }: Props) {
  const { t } = useTranslation("fleet");
  const installed = amountOf(node.capacity[resource]) ?? 0;
  const count = installed - (amountOf(node.allocatable[resource]) ?? 0);
  if (count <= 0) return null;
  return <Typography.Text type="danger">{t("withheld", { count, installed })}</Typography.Text>;
}
