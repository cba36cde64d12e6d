import { useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { PROJECT_TABS } from "@/features/projects/tabs";
import { keep, keptHref, type Place, pathOf, useKept, visited, without } from "@/lib/kept";
import { prefer, useIsDark } from "@/lib/preferences";
import {
  fitting,
  type Here,
  hereOf,
  hrefOf,
  projectHref,
  rollOutHref,
  SERVICE_TABS,
  serviceHref,
  whereOf,
} from "./places";

/** What can be chosen: a place to go to, or something to do. */
export interface Item {
  id: string;
  label: string;
  /** Where it is. */
  where?: string;
  /** What it is. */
  kind?: string;
  href?: string;
  act?: () => void;
}

export interface Group {
  title: string;
  items: Item[];
}

const SECTIONS = ["home", "projects", "rollouts", "fleet", "platform"] as const;

/** What is offered for a text: what the server found, and what fits of the rest, in groups. */
export function useGroups(text: string, found: Schemas["Found"][], onKeys: () => void): Group[] {
  const { t } = useTranslation(["shell", "ui"]);
  const own = useOwn();
  const local: Group[] = [
    ...own,
    { title: t("actions"), items: useActions(onKeys) },
    { title: t("pages"), items: usePages() },
  ];
  if (!text) return local.filter(({ items }) => items.length > 0);
  const results: Group = {
    title: t("results"),
    items: found.map((one) => ({
      id: `found ${one.object} ${hrefOf(one)} ${one.name}`,
      label: one.name,
      where: whereOf(one),
      kind: t(`ui:${one.object}`),
      href: hrefOf(one),
    })),
  };
  return [
    results,
    ...local.map((group) => ({ ...group, items: fitting(group.items, text) })),
  ].filter(({ items }) => items.length > 0);
}

/** What the reader keeps: favourites, views of lists, and where they were. */
function useOwn(): Group[] {
  const { t } = useTranslation("shell");
  const { favourites, views, recents } = useKept();
  const here = useHere();
  const starred = new Set(favourites.map(({ href }) => href));
  const items = (name: string, places: Place[]): Item[] =>
    places.map(({ href, title }) => ({ id: `${name} ${href}`, label: title, href }));
  return [
    { title: t("favourites"), items: items("favourite", favourites) },
    {
      title: t("recents"),
      items: items(
        "recent",
        recents.filter(({ href }) => href !== here.href && !starred.has(href)),
      ),
    },
    {
      title: t("views"),
      items: views.map((view) => ({
        id: `view ${view.title} ${view.href}`,
        label: view.title,
        where: pathOf(view),
        href: view.href,
      })),
    },
  ];
}

interface HereNow extends Here {
  href: string;
}

function useHere(): HereNow {
  const { pathname, search } = useRouterState({ select: (state) => state.location });
  return { href: keptHref(pathname, search.tab), ...hereOf(pathname) };
}

/** What can be done where the reader is. */
function useActions(onKeys: () => void): Item[] {
  const { t } = useTranslation("shell");
  const here = useHere();
  const isDark = useIsDark();
  const { favourites, recents } = useKept();
  const isFavourite = favourites.some(({ href }) => href === here.href);
  const title = recents.find(({ href }) => href === here.href)?.title;
  return [
    ...(here.project
      ? [
          {
            id: "rollOut",
            label: t("rollOut", { what: here.service ?? here.model ?? here.project }),
            href: rollOutHref(here),
          },
        ]
      : []),
    ...(title
      ? [
          {
            id: "favourite",
            label: isFavourite ? t("removeFavourite") : t("addFavourite"),
            where: title,
            act: () =>
              keep({
                favourites: isFavourite
                  ? without(favourites, here.href)
                  : visited(favourites, { href: here.href, title }),
              }),
          },
        ]
      : []),
    {
      id: "theme",
      label: isDark ? t("useLight") : t("useDark"),
      act: () => prefer({ theme: isDark ? "light" : "dark" }),
    },
    { id: "keys", label: t("keys"), act: onKeys },
  ];
}

/** The tabs of what the reader is looking at, and the pages of the menu. */
function usePages(): Item[] {
  const { t } = useTranslation(["shell", "projects", "serving"]);
  const here = useHere();
  const { project, service } = here;
  return [
    ...(service
      ? SERVICE_TABS.map((tab) => ({
          id: `service ${tab}`,
          label: t(`serving:tabs.${tab}`),
          where: service,
          href: serviceHref(here, tab),
        }))
      : []),
    ...(project
      ? PROJECT_TABS.map((tab) => ({
          id: `project ${tab}`,
          label: t(`projects:tabs.${tab}`),
          where: project,
          href: projectHref(project, tab),
        }))
      : []),
    ...SECTIONS.map((name) => ({
      id: `section ${name}`,
      label: t(name),
      href: name === "home" ? "/" : `/${name}`,
    })),
  ];
}
