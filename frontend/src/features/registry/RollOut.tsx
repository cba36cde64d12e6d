import { useTranslation } from "react-i18next";
import { ActionButton } from "@/ui/ActionButton";
import { LinkButton } from "@/ui/LinkButton";
import type { ModelVersion } from "./versions";

interface Props {
  project: string;
  version: ModelVersion;
  may: boolean | undefined;
}

/** The way to roll a version out, or why there is none. */
export function RollOut({ project, version: { version, model, image }, may }: Props) {
  const { t } = useTranslation("registry");
  const whyNot = image ? (may === false ? t("needsDeployer") : undefined) : t("withoutImageHint");
  if (whyNot)
    return (
      <ActionButton size="small" whyNot={whyNot}>
        {t("rollOut")}
      </ActionButton>
    );
  return (
    <LinkButton
      size="small"
      to="/projects/$project/roll-out"
      params={{ project }}
      search={{ model, version }}
    >
      {t("rollOut")}
    </LinkButton>
  );
}
