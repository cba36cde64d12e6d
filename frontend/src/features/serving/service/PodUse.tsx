import { ShareAltOutlined } from "@ant-design/icons";
import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { byImportance, GPU_MEMORY, parseQuantity } from "@/lib/quantity";
import { useAmount, usePart } from "@/ui/Resource";
import { nameOf } from "../ResourceAmounts";

interface Props {
  requests: Record<string, string>;
  /** What the pod uses; none where that was not measured of late. */
  use: Schemas["UseOfPod"] | undefined;
}

/** What a pod uses of what it requests, resource by resource; an unknown use is said to be that. */
export function PodUse({ requests, use }: Props) {
  const { t } = useTranslation(["ui", "usage"]);
  const write = useAmount();
  const writePart = usePart();
  const used = use?.used ?? {};
  const names = [...new Set([...Object.keys(requests), ...Object.keys(used)])].sort(byImportance);
  const label = (name: string) =>
    name === GPU_MEMORY ? t("gpuMemory") : nameOf(name, t("memory"));
  return (
    <ul className="slipway-plain-list slipway-pod-use">
      {names.map((name) => {
        const [own, requested] = [used[name], requests[name]];
        return (
          <li key={name} title={name}>
            <Typography.Text type="secondary">{label(name)}</Typography.Text>{" "}
            <span className="slipway-pod-used">
              {own == null ? (
                <Typography.Text type="secondary">{t("unknown")}</Typography.Text>
              ) : (
                (requested === undefined ? write : writePart)(name, parseQuantity(own))
              )}
            </span>{" "}
            <span>
              {requested !== undefined && `/ ${write(name, parseQuantity(requested))} `}
              {use?.shared.includes(name) && (
                <ShareAltOutlined title={t("usage:sharedHint")} aria-label={t("usage:shared")} />
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
