/** The build leaves out Svelte's proxies: a state that is an object has to be `$state.raw`. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const FOLDER = new URL("../../src/", import.meta.url);
const SOURCES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.(svelte|svelte\.ts)$/.test(name),
);
/** Whether a line makes a `$state` of an object or an array, by its type or first value. */
const isWatched = (line: string) => {
  const [, type = "", value = ""] = /\$state(<.*>)?\((.*)/.exec(line) ?? [];
  return /[{]|\[\]|\b(Map|Set|Record|Array)</.test(type) || /^(\[|\{|new )/.test(value);
};

test.each(SOURCES)("no object is watched from within in %s", (name) => {
  const lines = readFileSync(new URL(name, FOLDER), "utf8").split("\n");
  expect(lines.filter(isWatched)).toEqual([]);
});

test.each([
  "let a = $state([]);",
  "let a = $state<{ x: number } | null>(null);",
  "let a = $state<string[]>(start);",
  "a = $state(new Map());",
])("a watched object would be found: %s", (line) => {
  expect(isWatched(line)).toBe(true);
});
