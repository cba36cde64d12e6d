import { fileURLToPath } from "node:url";
import { type ESTree, type Plugin, parseSync, Visitor } from "vite";
import { writeStyles } from "./write.ts";

const HOOKS = fileURLToPath(new URL("./hooks.ts", import.meta.url));
/** What names a style and says how it is made. */
const MAKERS = /^gen(StyleHooks|ComponentStyleHook|SubStyleComponent)$/;
/** The modules in which the library makes styles. */
const MAKING = /\/antd\/es\/theme\/util\/(genStyleUtils|useResetIconStyle)\.js$/;

/** Write antd's styles when the dashboard is built: the browser makes none, nor loads what makes them. */
export function staticStyles(): Plugin {
  const namesIn = new Map<string, string[]>();
  return {
    name: "static-styles",
    apply: "build",
    enforce: "pre",
    resolveId: (source, importer) =>
      source.startsWith("@ant-design/cssinjs") && MAKING.test(importer ?? "") ? HOOKS : null,
    transform: {
      filter: { id: /\/antd\/es\/.*\.js$/, code: /\bgen(Style|ComponentStyle|SubStyle)/ },
      handler(code, id) {
        const { names, rest } = withoutRules(code, id);
        namesIn.set(id, names);
        return { code: rest, map: null };
      },
    },
    generateBundle: {
      // When the page and our own styles are there.
      order: "post",
      handler(_, bundle) {
        const parts = Object.values(bundle);
        const modules = parts.flatMap((part) => ("moduleIds" in part ? part.moduleIds : []));
        const names = new Set(modules.flatMap((id) => namesIn.get(id) ?? []));
        const page = bundle["index.html"];
        const own = parts.find(({ fileName }) => fileName.endsWith(".css"));
        if (page?.type !== "asset" || own?.type !== "asset") return;
        const reference = this.emitFile({
          type: "asset",
          name: "style.css",
          // Before our own, which says what is different.
          source: writeStyles(names) + own.source,
        });
        page.source = String(page.source).replace(own.fileName, this.getFileName(reference));
        delete bundle[own.fileName];
      },
    },
  };
}

/** Take how its styles are made out of a module; return their names too. */
function withoutRules(code: string, id: string): { names: string[]; rest: string } {
  const calls: ESTree.CallExpression[] = [];
  new Visitor({
    CallExpression(call) {
      if (call.callee.type === "Identifier" && MAKERS.test(call.callee.name)) calls.push(call);
    },
  }).visit(parseSync(id, code).program);
  const names = calls.map((call) => nameOf(code, call));
  // The last one first, so that what stands before it stays where it is.
  const rest = calls.reduceRight(
    (left, { callee, end }) => `${left.slice(0, callee.end)}()${left.slice(end)}`,
    code,
  );
  return { names, rest };
}

/** Return how the library calls a style: by one name, or by that of a component and its part. */
function nameOf(code: string, { arguments: [name] }: ESTree.CallExpression): string {
  const [component, part = component] =
    (name ? code.slice(name.start, name.end) : "").match(/[\w-]+/g) ?? [];
  return `${component}-${part}`;
}
