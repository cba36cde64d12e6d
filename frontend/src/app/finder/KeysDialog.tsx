import { Modal, Switch } from "antd";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { keep, useKept } from "@/lib/kept";
import { GOES } from "@/lib/keys";
import { useFocusReturn } from "@/ui/useFocusReturn";

const SECTION_OF = {
  h: "home",
  p: "projects",
  r: "rollouts",
  f: "fleet",
  l: "platform",
} as const satisfies Record<keyof typeof GOES, string>;

/** Which keys there are. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("shell");
  useFocusReturn();
  const { hasKeys } = useKept();
  const goes = (Object.keys(GOES) as (keyof typeof GOES)[]).map(
    (key) => [["g", key], t("goTo", { page: t(SECTION_OF[key]) })] as const,
  );
  const rows = [
    [[t("findKeys")], t("find")],
    [["/"], t("focusFilter")],
    ...goes,
    [["?"], t("keys")],
  ] as const;
  return (
    <Modal open title={t("keys")} footer={null} onCancel={onClose}>
      <dl className="slipway-keys">
        {rows.map(([keys, says]) => (
          <Fragment key={says}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </Fragment>
        ))}
      </dl>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the switch is one. */}
      <label className="slipway-toggle">
        <Switch
          size="small"
          checked={hasKeys}
          aria-label={t("singleKeys")}
          onChange={(isOn) => keep({ hasKeys: isOn })}
        />
        {t("singleKeys")}
      </label>
    </Modal>
  );
}
