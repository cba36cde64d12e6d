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

const RetryDialog = lazyDialog(() => import("../dialogs/RetryDialog"), "RetryDialog");

/** Pause or resume, and abort: what can be asked of a rollout that runs; of one that ended badly, retry. */
export function RolloutVerbs({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const [isAborting, setAborting] = useState(false);
  const whyNotAbort = useWhyNot(rollout.actions, "abort");
  if (rollout.phase === "Failed" || rollout.phase === "Aborted")
    return <RetryButton rollout={rollout} />;
  if (rollout.finished) return null;
  return (
    <>
      {rollout.phase === "Paused" ? (
        <PauseButton key="resume" rollout={rollout} verb="resume" />
      ) : (
        <PauseButton key="pause" rollout={rollout} verb="pause" />
      )}
      <ActionButton danger whyNot={whyNotAbort} onClick={() => setAborting(true)}>
        {t("verbs.abort")}
      </ActionButton>
      {isAborting && <AbortDialog rollout={rollout} onClose={() => setAborting(false)} />}
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

interface PauseProps {
  rollout: RolloutDetail;
  verb: "pause" | "resume";
}

function PauseButton({ rollout, verb }: PauseProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const asking = api.useMutation("post", `/api/v1/rollouts/{rollout}/${verb}`);
  return (
    <>
      <ActionButton
        type={verb === "resume" ? "primary" : "default"}
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
