import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { lazyDialog } from "@/ui/lazyDialog";
import type { Service, ServiceProps } from "../types";
import { useWhyNot } from "../whyNot";

const DIALOGS = {
  roll_back: lazyDialog(() => import("../dialogs/RollbackDialog"), "RollbackDialog"),
  scale: lazyDialog(() => import("../dialogs/ScaleDialog"), "ScaleDialog"),
  restart: lazyDialog(() => import("../dialogs/RestartDialog"), "RestartDialog"),
  decommission: lazyDialog(() => import("../dialogs/DecommissionDialog"), "DecommissionDialog"),
} as const;

type Verb = keyof typeof DIALOGS;

/** What can be done to a service; what cannot be done now says why. */
export function ServiceActions({ service, path }: ServiceProps) {
  const [open, setOpen] = useState<Verb>();
  const Dialog = open && DIALOGS[open];
  return (
    <>
      <RollOut service={service} path={path} />
      {(Object.keys(DIALOGS) as Verb[]).map((verb) => (
        <VerbButton key={verb} verb={verb} service={service} onClick={() => setOpen(verb)} />
      ))}
      {Dialog && <Dialog service={service} path={path} onClose={() => setOpen(undefined)} />}
    </>
  );
}

/** The way to the page on which a rollout is prepared. */
function RollOut({ service, path }: ServiceProps): ReactNode {
  const { t } = useTranslation(["serving", "ui"]);
  const whyNot = useWhyNot(service.actions, "roll_out");
  const navigate = useNavigate();
  return (
    <ActionButton
      type="primary"
      whyNot={whyNot}
      onClick={() =>
        void navigate({
          to: "/projects/$project/roll-out",
          params: { project: path.project },
          search: { environment: path.environment, service: path.service },
        })
      }
    >
      {t("verbs.roll_out")}
    </ActionButton>
  );
}

interface VerbProps {
  verb: Verb;
  service: Service;
  onClick: () => void;
}

function VerbButton({ verb, service, onClick }: VerbProps) {
  const { t } = useTranslation(["serving", "ui"]);
  const whyNot = useWhyNot(service.actions, verb);
  return (
    <ActionButton whyNot={whyNot} onClick={onClick} danger={verb === "decommission"}>
      {t(`verbs.${verb}`)}
    </ActionButton>
  );
}
