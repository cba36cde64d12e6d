import { App } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ActionButton } from "@/ui/ActionButton";
import { ProblemView } from "@/ui/ProblemView";
import { useWhyNot } from "./actions";
import type { RolloutDetail } from "./types";

/** Pause or resume, and abort: what can be asked of a rollout that runs. */
export function RolloutVerbs({ rollout }: { rollout: RolloutDetail }) {
  const { t } = useTranslation(["serving", "ui"]);
  const { modal } = App.useApp();
  const params = { params: { path: { rollout: rollout.id } } };
  const onError = (error: unknown) =>
    void modal.error({ title: t("ui:refused"), content: <ProblemView error={error} /> });
  const pause = api.useMutation("post", "/api/v1/rollouts/{rollout}/pause", { onError });
  const resume = api.useMutation("post", "/api/v1/rollouts/{rollout}/resume", { onError });
  const abort = api.useMutation("post", "/api/v1/rollouts/{rollout}/abort");
  const whyNotPause = useWhyNot(rollout.actions, "pause");
  const whyNotResume = useWhyNot(rollout.actions, "resume");
  const whyNotAbort = useWhyNot(rollout.actions, "abort");
  if (rollout.finished) return null;
  const confirmAbort = () =>
    void modal.confirm({
      title: t("abortTitle", { service: rollout.service }),
      content: rollout.from_version
        ? t("abortHint", { version: rollout.from_version, revision: rollout.from_revision })
        : t("abortHintFirst"),
      okText: t("verbs.abort"),
      okButtonProps: { danger: true },
      onOk: () => abort.mutateAsync(params).catch(onError),
    });
  return (
    <>
      {rollout.phase === "Paused" ? (
        <ActionButton
          type="primary"
          whyNot={whyNotResume}
          loading={resume.isPending}
          onClick={() => resume.mutate(params)}
        >
          {t("verbs.resume")}
        </ActionButton>
      ) : (
        <ActionButton
          whyNot={whyNotPause}
          loading={pause.isPending}
          onClick={() => pause.mutate(params)}
        >
          {t("verbs.pause")}
        </ActionButton>
      )}
      <ActionButton danger whyNot={whyNotAbort} onClick={confirmAbort}>
        {t("verbs.abort")}
      </ActionButton>
    </>
  );
}
