import { useTranslation } from "react-i18next";
import { api, type Schemas } from "@/api/client";
import { useMay } from "@/api/permissions";
import { byCursor } from "@/ui/List";

/** Where secrets are. */
export interface Place {
  project: string;
  environment: string;
}

export type Secret = Schemas["Secret"];
export type Login = Schemas["PullCredential"];

/** A DNS label. */
export const SECRET_NAME = /^(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** What Kubernetes allows as a key, which is a file's name too. */
export const KEY_NAME = /^(?!\.\.)(?!\.$)[-._A-Za-z0-9]{1,253}$/;

export function useSecrets(place: Place) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/secrets",
    { params: { path: { ...place } } },
    byCursor,
  );
}

export function useLogins(place: Place) {
  return api.useInfiniteQuery(
    "get",
    "/api/v1/projects/{project}/environments/{environment}/pull-credentials",
    { params: { path: { ...place } } },
    byCursor,
  );
}

/** Why the reader cannot change secrets here. */
export function useWhyNotWrite({ project }: Place): string | undefined {
  const { t } = useTranslation("projects");
  return useMay(project)("secret.write") === false ? t("secrets.needsDeployer") : undefined;
}
