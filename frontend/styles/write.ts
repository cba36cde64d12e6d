import { createCache, extractStyle, StyleProvider } from "@ant-design/cssinjs";
import * as antd from "antd";
import { createElement, type ElementType } from "react";
import { renderToString } from "react-dom/server";
import { themeOf } from "../src/app/theme.ts";

type Cache = ReturnType<typeof createCache>;
type Specimen = [component: ElementType, said?: object];

/** What is styled only in or beside something, or in a colour. */
const SPECIAL: Specimen[] = [
  [() => createElement(antd.Space.Compact, null, createElement(antd.Button))],
  [antd.Form.Item],
  [antd.Modal._InternalPanelDoNotUseOrYouWillBeFired, { type: "confirm" }],
  [antd.Tag, { color: "blue" }],
  [antd.Tag, { color: "success" }],
];
/** What is needed whatever is shown. */
const SHARED = ["ant-design-icons", "Shared"];
/** By what the library would find in the browser what is written. */
const INDEX = /\.data-ant-cssinjs-cache-path\{[^}]*\}/g;

/**
 * Return the rules of these styles, by antd's names of them, and their variables in both themes.
 *
 * The rules are the same in both. Raises: a style is not known, as nothing that is rendered here has it.
 */
export function writeStyles(names: Set<string>): string {
  const light = rendered(false);
  const known = new Set(Array.from(light.cache.keys(), nameOf));
  const unknown = [...names].filter((name) => !known.has(name));
  if (unknown.length) throw new Error(`antd's styles of ${unknown.join(", ")} are not known`);
  const components = Array.from(names, (name) => name.split("-")[0] as string);
  const wanted = new Set([...SHARED, ...names, ...components]);
  const rules = extractStyle(only(wanted, light), { plain: true, types: ["style", "cssVar"] });
  const dark = extractStyle(only(wanted, rendered(true)), { plain: true, types: "cssVar" });
  return (rules + dark).replace(INDEX, "");
}

/** Render everything there is once; return its styles. */
function rendered(isDark: boolean): Cache {
  const cache = createCache();
  const theme = themeOf(isDark, false);
  for (const [component, said] of [...Object.entries(antd).flatMap(bare), ...SPECIAL]) {
    const specimen = createElement(antd.ConfigProvider, { theme }, createElement(component, said));
    try {
      renderToString(createElement(StyleProvider, { cache }, specimen));
    } catch {
      // A part of something that is rendered too, and nothing alone.
    }
  }
  return cache;
}

/** A component and its parts, with nothing said of them. */
function bare([name, component]: [string, unknown]): Specimen[] {
  return [[name, component] as const, ...Object.entries(component as object)]
    .filter(([name]) => /^[A-Z]/.test(name))
    .map(([, part]) => [part as ElementType]);
}

/** Keep what a cache holds of these names. */
function only(names: Set<string>, cache: Cache): Cache {
  const kept = createCache();
  for (const [key, entry] of cache.cache) {
    if (names.has(nameOf(key))) kept.opUpdate(key, () => entry);
  }
  return kept;
}

/** The name of a style, or of a component with variables, in the key of a cache. */
function nameOf(key: string): string {
  const [kind, first, second] = key.split("%");
  return (kind === "style" ? second : first) ?? "";
}
