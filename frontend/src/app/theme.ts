import { type ThemeConfig, theme } from "antd";

/** The look: dense, quiet, and the same in light and dark. */
export function themeOf(isDark: boolean, isStill: boolean): ThemeConfig {
  return {
    // The class of its variables, under which they are written when the dashboard is built.
    cssVar: { key: isDark ? "dark" : "light" },
    hashed: false,
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      motion: !isStill,
      colorPrimary: "#1f6feb",
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
    },
  };
}
