import { useTranslation } from "react-i18next";
import type { TableColumns } from "@/ui/Table";
import { Age } from "@/ui/Time";
import type { Login, Place, Secret } from "./place";
import { UsedBy } from "./UsedBy";

/** What is shown of secrets of every kind: how old they are, and who has them. */
export function useAgeColumns<Kind extends Secret | Login>(place: Place): TableColumns<Kind> {
  const { t } = useTranslation("projects");
  return [
    {
      title: t("secrets.changed"),
      render: (_, { updated_at: at, changed_by: by, version }) => (
        <span title={t("secrets.version", { version })}>
          <Age at={at} /> · {by}
        </span>
      ),
    },
    {
      title: t("secrets.usedBy"),
      render: (_, { used_by: users, version }) => (
        <UsedBy place={place} users={users} newest={version} />
      ),
    },
  ];
}
