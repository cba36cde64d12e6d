import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import relativeTime from "dayjs/plugin/relativeTime";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Words } from "@/locales/en";
import type { Language } from "./preferences";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "ui";
    resources: Words;
  }
}

dayjs.extend(relativeTime);

const LOADERS: Record<Language, () => Promise<{ words: Words }>> = {
  en: () => import("@/locales/en"),
  zh: () => import("@/locales/zh"),
};

/** The names of the languages elsewhere: in HTML and Intl, and in the API. */
export const HTML_LANGUAGE: Record<Language, string> = { en: "en", zh: "zh-CN" };
export const API_LANGUAGE: Record<Language, string> = { en: "en", zh: "zh-hans" };

/** Speak a language from now on; its words are loaded when they are first needed. */
export async function speak(language: Language): Promise<void> {
  const { words } = await LOADERS[language]();
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      defaultNS: "ui",
      resources: { [language]: words },
      interpolation: { escapeValue: false },
    });
  }
  for (const [name, texts] of Object.entries(words)) {
    i18next.addResourceBundle(language, name, texts, true, true);
  }
  dayjs.locale(language === "zh" ? "zh-cn" : "en");
  document.documentElement.lang = HTML_LANGUAGE[language];
  await i18next.changeLanguage(language);
}
