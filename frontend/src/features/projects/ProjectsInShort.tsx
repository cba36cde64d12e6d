import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { EmptyLine } from "@/ui/Empty";
import { HealthCounts } from "./HealthCounts";
import "./inShort.css";

/** A few projects, with how their services are. */
export function ProjectsInShort({ projects }: { projects: Schemas["ProjectOverview"][] }) {
  const { t } = useTranslation("projects");
  if (projects.length === 0) return <EmptyLine>{t("emptyForYou")}</EmptyLine>;
  return (
    <ul className="slipway-plain-list slipway-in-short">
      {projects.map(({ name, display_name: title, services_by_health: counts }) => (
        <li key={name}>
          <Link to="/projects/$project" params={{ project: name }}>
            {title || name}
          </Link>
          <HealthCounts project={name} counts={counts} />
        </li>
      ))}
    </ul>
  );
}
