import { LoadingOutlined } from "@ant-design/icons";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { useEffect } from "react";
import { useIsDark, useIsStill, usePreferences } from "@/lib/preferences";
import { queries, router } from "./router";
import { themeOf } from "./theme";

const ANT_LOCALE = { en, zh };
/** What antd adds would be part of a button's name: that of an icon, a space between two signs. */
const BUTTON = { loadingIcon: <LoadingOutlined aria-hidden />, autoInsertSpace: false };

/** Everything around the pages: look, language, what the server said, and where we are. */
export function App() {
  const isDark = useIsDark();
  const isStill = useIsStill();
  const { language } = usePreferences();
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [isDark]);
  return (
    <ConfigProvider
      theme={{ ...themeOf(isDark, isStill), zeroRuntime: import.meta.env.PROD }}
      locale={ANT_LOCALE[language]}
      button={BUTTON}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ConfigProvider>
  );
}
