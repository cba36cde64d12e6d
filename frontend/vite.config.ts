/// <reference types="vitest/config" />
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type Rolldown } from "vite";
import { staticStyles } from "./styles/plugin.ts";

const COMPRESSIBLE = /\.(js|css|svg|html|json)$/;
const BACKEND = process.env.SLIPWAY_URL ?? "http://127.0.0.1:8000";
// Django accepts changes only from its own origin.
const PROXIED = { target: BACKEND, changeOrigin: true, headers: { origin: BACKEND } };

/** Controls that weigh much and that the first pages do without, and what is made of them. */
const CONTROLS = new RegExp(
  `/(antd/es|@rc-component)/(${[
    ...["select", "virtual-list", "auto-complete", "tabs", "menu", "dropdown", "card"],
    ...["form", "async-validator", "row", "col", "grid", "modal", "dialog", "drawer", "collapse"],
    ...["input-number", "mini-decimal", "radio", "checkbox", "switch", "segmented"],
  ].join("|")})/|/src/(?!features/serving).*(Dialog|Fields?|Filters|Read[A-Z]\\w+)\\.tsx`,
);
const SERVING = "/src/features/serving/";
/** What is loaded together; without it, a page is made of fifty files. */
const CHUNKS: Rolldown.CodeSplittingGroup[] = [
  { name: "base", tags: ["$initial"] },
  {
    name: "shared",
    minShareCount: 2,
    test: (id: string) => !CONTROLS.test(id) && !id.includes(SERVING),
  },
  { name: "controls", minShareCount: 2, test: CONTROLS },
  {
    name: "serving",
    minShareCount: 2,
    // Its dialogs are loaded when they are opened.
    test: (id: string) => id.includes(SERVING) && !id.includes("Dialog"),
  },
];

/** Let what surrounds every page have the context of forms without the forms. */
function contextOfForms(): Plugin {
  return {
    name: "context-of-forms",
    apply: "build",
    enforce: "pre",
    resolveId(source, importer) {
      const isContext = importer?.endsWith("/antd/es/form/context.js");
      if (source !== "@rc-component/form" || !isContext) return null;
      return this.resolve("@rc-component/form/es/FormContext", importer);
    },
  };
}

/** Write .br and .gz beside what is built, so that serving costs no CPU. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    writeBundle({ dir = "dist" }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        if (!COMPRESSIBLE.test(name)) continue;
        const content = readFileSync(join(dir, name));
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(content));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), contextOfForms(), staticStyles(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // Nothing inline: the Content-Security-Policy of the server forbids it.
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    chunkSizeWarningLimit: 650,
    rolldownOptions: {
      output: { codeSplitting: { groups: CHUNKS } },
      // Parts of antd that do not say so have no effects either: what is not used is left out.
      treeshake: {
        moduleSideEffects: [{ test: /\/node_modules\/@rc-component\//, sideEffects: false }],
      },
    },
  },
  server: { proxy: { "/api": PROXIED, "/_allauth": PROXIED, "/static": PROXIED } },
  test: {
    environment: "happy-dom",
    globals: false,
    restoreMocks: true,
    // Node reads the library's CommonJS.
    alias: [{ find: /^antd\/es\//, replacement: "antd/lib/" }],
  },
});
