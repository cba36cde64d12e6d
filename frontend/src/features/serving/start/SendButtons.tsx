import { Typography } from "antd";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import type { Service } from "../types";
import { useMayNot } from "../whyNot";
import type { Choice } from "./useChoice";
import { useWhyNotStart } from "./useWhyNotStart";

interface Props {
  choice: Choice & { project: string };
  service: Service | undefined;
  /** Whether the form says anything other than what runs and was drafted. */
  isChanged: boolean;
  isStarting: boolean;
  isKeeping: boolean;
  onStart: () => void;
  onKeep: () => void;
}

/** Start it now, or keep what was typed for the next rollout. */
export function SendButtons({ choice, service, isChanged, ...props }: Props) {
  const { t } = useTranslation("serving");
  const whyNot = useWhyNotStart({ choice, service });
  const mayNotWrite = useMayNot(choice.project, "service.write");
  const whyNotKeep = mayNotWrite ?? (isChanged ? undefined : t("start.nothingToDraft"));
  // Before its first rollout nothing runs beside which a draft could be.
  const isDraftable = service !== undefined && service.current_revision !== null;
  return (
    <div className="slipway-start-send">
      <ActionButton
        type="primary"
        size="large"
        block
        whyNot={whyNot}
        loading={props.isStarting}
        onClick={props.onStart}
      >
        {service ? t("verbs.roll_out") : t("start.createAndRollOut")}
      </ActionButton>
      {whyNot && <Typography.Text type="secondary">{whyNot}</Typography.Text>}
      {isDraftable && (
        <ActionButton block whyNot={whyNotKeep} loading={props.isKeeping} onClick={props.onKeep}>
          {t("start.keepDraft")}
        </ActionButton>
      )}
    </div>
  );
}
