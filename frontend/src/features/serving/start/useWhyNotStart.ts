import { useTranslation } from "react-i18next";
import { useMay } from "@/api/permissions";
import type { Service } from "../types";
import { useWhyNot } from "../whyNot";
import type { Choice } from "./useChoice";

interface Asked {
  choice: Choice & { project: string };
  service: Service | undefined;
}

/** Return why a rollout cannot be started yet, in a sentence; nothing when it can. */
export function useWhyNotStart({ choice, service }: Asked): string | undefined {
  const { t } = useTranslation("serving");
  const may = useMay(choice.project);
  const refused = useWhyNot(service?.actions, "roll_out");
  if (may("rollout.start") === false || (!service && may("service.write") === false))
    return t("notYourRole");
  if (refused) return refused;
  if (!service && !choice.model) return t("start.chooseModel");
  return choice.version ? undefined : t("start.chooseVersion");
}
