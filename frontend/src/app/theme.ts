import { type ThemeConfig, theme } from "antd";

/** Colours that can be read on what they stand on: at least 4.5 to 1, small text and tags too. */
const LIGHT = {
  colorPrimary: "#1b64d8",
  colorLink: "#0f5bd3",
  colorInfo: "#0f5bd3",
  colorError: "#cf1322",
  colorSuccess: "#237804",
  colorSuccessBg: "#f0f9eb",
  colorSuccessBorder: "#b7dfa0",
  colorWarning: "#8f5500",
  colorWarningBg: "#fff8e1",
  colorWarningBorder: "#ecd08a",
  colorTextDescription: "rgba(0, 0, 0, 0.65)",
  colorTextTertiary: "rgba(0, 0, 0, 0.62)",
  colorTextPlaceholder: "rgba(0, 0, 0, 0.6)",
};

const DARK = {
  colorPrimary: "#1f6feb",
  colorLink: "#5b9dff",
  colorInfo: "#5b9dff",
  colorError: "#ff7875",
  colorSuccess: "#6fd13a",
  colorWarning: "#ffc53d",
  colorTextDescription: "rgba(255, 255, 255, 0.65)",
  colorTextTertiary: "rgba(255, 255, 255, 0.62)",
  colorTextPlaceholder: "rgba(255, 255, 255, 0.6)",
};

/** The look: dense, quiet, and the same in light and dark. */
export function themeOf(isDark: boolean, isStill: boolean): ThemeConfig {
  return {
    // The class of its variables, under which they are written when the dashboard is built.
    cssVar: { key: isDark ? "dark" : "light" },
    hashed: false,
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      motion: !isStill,
      ...(isDark ? DARK : LIGHT),
      colorBgLayout: isDark ? "#0b0f14" : "#f4f6f9",
      borderRadius: 6,
      fontFamily:
        "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
      fontFamilyCode: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
    },
    components: {
      Layout: {
        headerBg: isDark ? "#141a21" : "#0d1f38",
        headerHeight: 48,
        headerPadding: "0 24px",
      },
      Table: { cellPaddingBlockSM: 7 },
      // White on the red of the dark would be too pale.
      ...(isDark && { Button: { dangerColor: "#141414" } }),
    },
  };
}
