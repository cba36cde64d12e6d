import { AutoComplete, Select, Tag } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { useActionName, useActions } from "@/ui/auditWords";
import { type Filter, Filters } from "@/ui/Filters";

/** What the address says of which changes are shown. */
export interface AuditSearch {
  actor?: string;
  action?: string;
  object_kind?: string;
  object_id?: string;
  since?: string;
  until?: string;
}

interface Props {
  project: string;
  filters: AuditSearch;
  /** Who is in what is shown already. */
  seen: string[];
  /** What the one object is called whose changes are shown. */
  objectName: string | undefined;
  onChange: (filters: AuditSearch) => void;
}

/** Whose changes, and which. */
export function AuditFilters({ project, filters, seen, objectName, onChange }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const nameOf = useActionName();
  const change = (asked: { [Key in keyof AuditSearch]: string | undefined }) =>
    onChange(withoutEmpty({ ...filters, ...asked }));
  const kinds = Object.entries(t("audit.kinds", { returnObjects: true }));
  const asked: Filter<"object_kind" | "since" | "until">[] = [
    {
      name: "object_kind",
      label: t("audit.anyObject"),
      options: kinds.map(([value, label]) => ({ value, label })),
    },
    { name: "since", label: t("ui:since"), isDay: true },
    { name: "until", label: t("ui:until"), isDay: true },
  ];
  return (
    <Filters filters={asked} search={filters} onChange={(to) => onChange(ofKind(to, filters))}>
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
      {filters.object_id && (
        <Tag closable onClose={() => change({ object_id: undefined })}>
          {t("audit.onlyOf", { name: objectName ?? filters.object_id })}
        </Tag>
      )}
    </Filters>
  );
}

/** Let go of the one object where another kind is asked for. */
export function ofKind(to: AuditSearch, { object_kind: kind }: AuditSearch): AuditSearch {
  const { object_id: _, ...others } = to;
  return to.object_kind === kind ? to : others;
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
