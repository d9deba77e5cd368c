import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { fixture } from "./fixture.ts";

// `npm run dev` shows the client on made-up pictures, without the Python server.
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  plugins: [svelte(), fixture()],
});
