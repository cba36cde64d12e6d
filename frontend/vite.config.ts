/// <reference types="vitest/config" />
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { staticStyles } from "./styles/plugin.ts";

const COMPRESSIBLE = /\.(js|css|svg|html|json)$/;
const BACKEND = process.env.SLIPWAY_URL ?? "http://127.0.0.1:8000";
// Django accepts changes only from its own origin.
const PROXIED = { target: BACKEND, changeOrigin: true, headers: { origin: BACKEND } };

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
  plugins: [react(), staticStyles(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // Nothing inline: the Content-Security-Policy of the server forbids it.
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": PROXIED, "/_allauth": PROXIED, "/static": PROXIED } },
  test: {
    environment: "happy-dom",
    globals: false,
    restoreMocks: true,
    // Node reads the library's CommonJS.
    alias: [{ find: /^antd\/es\//, replacement: "antd/lib/" }],
  },
});
