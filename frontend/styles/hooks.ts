import { DesignTokenContext } from "antd/es/theme/context";
import { useContext } from "react";

/** Stands in for what makes styles in the browser: they are written, so it only names their classes. */
export const genStyleUtils = () => ({
  genStyleHooks: () => useClasses,
  genComponentStyleHook: () => () => "",
  genSubStyleComponent: () => () => null,
});

export function useStyleRegister(): void {}

/** Return the class of the rules, which have none, and the class of a theme's variables. */
function useClasses(): [rules: string, variables: string] {
  return ["", useContext(DesignTokenContext).cssVar?.key ?? ""];
}
