import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The only chunks that are loaded later, the texts, need nothing loaded before them.
const plainImports = {
  name: "plain-imports",
  enforce: "pre" as const,
  load: (id: string) =>
    id === "\0vite/preload-helper.js"
      ? "export const __vitePreload = (load) => load();"
      : null,
};

// The built client lies inside the Python package, so that a wheel carries it.
export default defineConfig({
  plugins: [svelte(), plainImports],
  base: "./",
  build: {
    outDir: "../src/segmetry/web/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    // The server's content security policy allows no inline data.
    assetsInlineLimit: 0,
  },
});
