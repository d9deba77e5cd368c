import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The built client lies inside the Python package, so that a wheel carries it.
export default defineConfig({
  plugins: [svelte()],
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
