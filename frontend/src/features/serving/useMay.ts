import { useTranslation } from "react-i18next";
import { api } from "@/api/client";

/** Return why the reader may not do something in a project; nothing when he may, or is not known. */
export function useMayNot(project: string, permission: string): string | undefined {
  const { t } = useTranslation(["serving", "ui"]);
  const found = api.useQuery("get", "/api/v1/projects/{project}", {
    params: { path: { project } },
  });
  if (!found.data || found.data.permissions.includes(permission)) return undefined;
  return t("notYourRole");
}
