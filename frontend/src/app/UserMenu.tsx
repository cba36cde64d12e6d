import { BgColorsOutlined, GlobalOutlined, UserOutlined } from "@ant-design/icons";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { MenuProps } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useMe } from "@/api/me";
import { signOut } from "@/api/session";
import { API_LANGUAGE, speak } from "@/lib/i18n";
import {
  hasChosenLanguage,
  type Language,
  prefer,
  type Theme,
  usePreferences,
} from "@/lib/preferences";
import { HeaderMenu } from "./HeaderMenu";

const LANGUAGES: Record<Language, string> = { en: "English", zh: "中文" };
const THEMES: Theme[] = ["light", "dark", "system"];

async function choose(language: Language, queries: QueryClient): Promise<void> {
  prefer({ language });
  await speak(language);
  // The server says its sentences anew.
  await queries.invalidateQueries();
}

/** Who is signed in, the language, the theme, and the way out. */
export function UserMenu() {
  const { t } = useTranslation("shell");
  const me = useMe();
  const { theme, language } = usePreferences();
  const queries = useQueryClient();
  const navigate = useNavigate();

  // A reader who has not chosen here gets what was chosen elsewhere.
  useEffect(() => {
    if (!hasChosenLanguage() && me.language)
      void choose(me.language.startsWith("zh") ? "zh" : "en", queries);
  }, [me.language, queries]);

  const languages: MenuProps["items"] = (Object.keys(LANGUAGES) as Language[]).map((key) => ({
    key,
    label: LANGUAGES[key],
    onClick: () => {
      void choose(key, queries);
      void client.PATCH("/api/v1/me", { body: { language: API_LANGUAGE[key] as "en" } });
    },
  }));
  const themes: MenuProps["items"] = THEMES.map((key) => ({
    key,
    label: t(key),
    onClick: () => prefer({ theme: key }),
  }));
  const leave = async (): Promise<void> => {
    await signOut();
    queries.clear();
    await navigate({ to: "/login" });
  };
  const user: MenuProps["items"] = [
    { key: "name", label: me.name || me.username, disabled: true },
    ...(me.is_platform_admin ? [{ key: "admin", label: t("admin"), disabled: true }] : []),
    { type: "divider" },
    { key: "api", label: <a href="/api/docs/">{t("apiDocs")}</a> },
    { key: "signOut", label: t("signOut"), onClick: () => void leave() },
  ];
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      <HeaderMenu
        icon={<GlobalOutlined />}
        aria-label={t("language")}
        title={t("language")}
        menu={{ items: languages, selectable: true, selectedKeys: [language] }}
      />
      <HeaderMenu
        icon={<BgColorsOutlined />}
        aria-label={t("theme")}
        title={t("theme")}
        menu={{ items: themes, selectable: true, selectedKeys: [theme] }}
      />
      <HeaderMenu icon={<UserOutlined />} aria-label={me.username} menu={{ items: user }}>
        <span className="slipway-username">{me.username}</span>
      </HeaderMenu>
    </span>
  );
}
