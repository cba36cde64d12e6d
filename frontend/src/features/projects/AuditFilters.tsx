import { AutoComplete, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { type Filter, Filters } from "@/ui/Filters";
import { useActionName, useActions } from "./auditWords";

/** What the address says of which changes are shown. */
export interface AuditSearch {
  actor?: string;
  action?: string;
  since?: string;
  until?: string;
}

interface Props {
  project: string;
  filters: AuditSearch;
  /** Who is in what is shown already. */
  seen: string[];
  onChange: (filters: AuditSearch) => void;
}

/** Whose changes, and which. */
export function AuditFilters({ project, filters, seen, onChange }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const nameOf = useActionName();
  const change = (asked: { [Key in keyof AuditSearch]: string | undefined }) =>
    onChange(withoutEmpty({ ...filters, ...asked }));
  const days: Filter<"since" | "until">[] = [
    { name: "since", label: t("ui:since"), isDay: true },
    { name: "until", label: t("ui:until"), isDay: true },
  ];
  return (
    <Filters filters={days} search={filters} onChange={onChange}>
      <ActorFilter
        project={project}
        actor={filters.actor ?? ""}
        seen={seen}
        onChange={(actor) => change({ actor })}
      />
      <Select<string>
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("audit.byAction")}
        placeholder={t("audit.anyAction")}
        style={{ width: 260 }}
        value={filters.action ?? null}
        onChange={(action?: string) => change({ action })}
        options={useActions().map((value) => ({ value, label: nameOf(value) }))}
      />
    </Filters>
  );
}

interface ActorProps {
  project: string;
  actor: string;
  seen: string[];
  onChange: (actor: string) => void;
}

/** Members and tokens are offered; others, who may have left, are typed. */
function ActorFilter({ project, actor, seen, onChange }: ActorProps) {
  const { t } = useTranslation("projects");
  const [typed, setTyped] = useState(actor);
  useEffect(() => setTyped(actor), [actor]);
  const members = api.useQuery("get", "/api/v1/projects/{project}/members", {
    params: { path: { project }, query: { limit: 200 } },
  });
  const names = members.data?.results.map(({ username }) => username) ?? [];
  const known = [...new Set([...names, ...seen])].sort().filter((name) => name.includes(typed));
  const offered = known.length > 0 || !typed.trim() ? known : [typed.trim()];
  return (
    <AutoComplete
      allowClear
      aria-label={t("audit.byActor")}
      placeholder={t("audit.anyActor")}
      style={{ width: 220 }}
      value={typed}
      onChange={(text?: string) => {
        setTyped(text ?? "");
        if (!text && actor) onChange("");
      }}
      onSelect={(name?: string) => onChange(name ?? "")}
      onBlur={() => setTyped(actor)}
      options={offered.map((value) => ({ value }))}
    />
  );
}
