import { Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import { ProblemView } from "@/ui/ProblemView";
import { useFocusReturn } from "@/ui/useFocusReturn";
import type { RolloutDetail } from "../types";
import { useWhyNot } from "../whyNot";

const AbortDialog = lazyDialog(() => import("../dialogs/AbortDialog"), "AbortDialog");

const PromoteDialog = lazyDialog(() => import("../dialogs/PromoteDialog"), "PromoteDialog");

const RetryDialog = lazyDialog(() => import("../dialogs/RetryDialog"), "RetryDialog");

/** What can be asked of a rollout that runs, by its steps too; of one that ended badly, retry. */
export function RolloutVerbs({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const [isAborting, setAborting] = useState(false);
  const whyNotAbort = useWhyNot(rollout.actions, "abort");
  if (rollout.phase === "Failed" || rollout.phase === "Aborted")
    return <RetryButton rollout={rollout} />;
  if (rollout.finished) return null;
  return (
    <>
      {rollout.reason === "AwaitingPromotion" ? null : rollout.phase === "Paused" ? (
        <AskButton key="resume" rollout={rollout} verb="resume" />
      ) : (
        <AskButton key="pause" rollout={rollout} verb="pause" />
      )}
      {rollout.steps.length > 0 && <PromoteButtons rollout={rollout} />}
      <ActionButton danger whyNot={whyNotAbort} onClick={() => setAborting(true)}>
        {t("verbs.abort")}
      </ActionButton>
      {isAborting && <AbortDialog rollout={rollout} onClose={() => setAborting(false)} />}
    </>
  );
}

/** On to the next step, or past all that are left. */
function PromoteButtons({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation("serving");
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <AskButton rollout={rollout} verb="promote" />
      <ActionButton
        whyNot={useWhyNot(rollout.actions, "promote_fully")}
        onClick={() => setOpen(true)}
      >
        {t("verbs.promote_fully")}
      </ActionButton>
      {isOpen && <PromoteDialog rollout={rollout} onClose={() => setOpen(false)} />}
    </>
  );
}

function RetryButton({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation("serving");
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <ActionButton whyNot={useWhyNot(rollout.actions, "retry")} onClick={() => setOpen(true)}>
        {t("verbs.retry")}
      </ActionButton>
      {isOpen && <RetryDialog rollout={rollout} onClose={() => setOpen(false)} />}
    </>
  );
}

interface AskProps {
  rollout: RolloutDetail;
  verb: "pause" | "resume" | "promote";
}

function AskButton({ rollout, verb }: AskProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const asking = api.useMutation("post", `/api/v1/rollouts/{rollout}/${verb}`);
  return (
    <>
      <ActionButton
        type={verb === "pause" ? "default" : "primary"}
        whyNot={useWhyNot(rollout.actions, verb)}
        loading={asking.isPending}
        onClick={() => asking.mutate({ params: { path: { rollout: rollout.id } } })}
      >
        {t(`verbs.${verb}`)}
      </ActionButton>
      {asking.isError && <Refused error={asking.error} onClose={asking.reset} />}
    </>
  );
}

function Refused({ error, onClose }: { error: unknown; onClose: () => void }) {
  const { t } = useTranslation("ui");
  useFocusReturn();
  return (
    <Modal open title={t("refused")} footer={null} onCancel={onClose}>
      <ProblemView error={error} />
    </Modal>
  );
}
