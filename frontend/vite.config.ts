import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The chunks that are loaded later, texts and rare panels, need nothing loaded before them.
const plainImports = {
  name: "plain-imports",
  enforce: "pre" as const,
  load: (id: string) =>
    id === "\0vite/preload-helper.js"
      ? "export const __vitePreload = (load) => load();"
      : null,
};

// No page is made on the server, so Svelte's code that takes over such a page is left out:
// with this constant the bundler sees that it is never run.
const madeInTheBrowser = {
  name: "made-in-the-browser",
  enforce: "pre" as const,
  transform: (code: string, id: string) =>
    id.endsWith("/svelte/src/internal/client/dom/hydration.js")
      ? code
          .replace("export let hydrating = false;", "export const hydrating = false;")
          .replace("hydrating = value;", "")
      : null,
};

// Objects in the state are replaced, never changed in place ($state.raw; a test looks), so
// Svelte's code that watches the inside of objects is left out.
const replacedAsAWhole = {
  name: "replaced-as-a-whole",
  enforce: "pre" as const,
  transform: (code: string, id: string) =>
    id.endsWith("/svelte/src/internal/client/proxy.js")
      ? code.replace("export function proxy(value) {", "$& return value;")
      : null,
};

// The built client lies inside the Python package, so that a wheel carries it.
export default defineConfig({
  plugins: [svelte(), plainImports, madeInTheBrowser, replacedAsAWhole],
  base: "./",
  build: {
    outDir: "../src/segmetry/web/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    cssCodeSplit: false, // styles of panels that are loaded later would come too late
    // All that is there at the start packs best as one file. What is loaded when it is asked
    // for lies in src/later or src/volume, or is the texts of a language.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "index", test: (id) => !/src.(later|volume|text.(en|zh)\.)/.test(id) },
          ],
        },
      },
    },
    // The server's content security policy allows no inline data.
    assetsInlineLimit: 0,
  },
});
