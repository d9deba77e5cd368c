import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "../../src/text/en.ts";
import { zh } from "../../src/text/zh.ts";

const SRC = new URL("../../src/", import.meta.url);
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => ({ name, code: readFileSync(new URL(name, SRC), "utf8") }));
const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

test("both languages have the same texts with the same values in them", () => {
  const words = Object.keys(zh).filter((key) => !key.startsWith("column."));
  expect(words.toSorted()).toEqual(Object.keys(en).toSorted());
  for (const [key, text] of Object.entries(en)) {
    expect(holes(zh[key as keyof typeof en]), key).toEqual(holes(text));
    expect(zh[key as keyof typeof en].trim(), key).not.toBe("");
  }
});

test("every column of the table of objects has a Chinese name", () => {
  const page = readFileSync(new URL("../../docs/reference.md", SRC), "utf8");
  const [table] = page.split("## Columns of objects.csv")[1].split("\n## ");
  const columns = [...table.matchAll(/^\| `(\w+?)(?:_(?:um2|um3|um|px|deg|rad))?` \|/gm)];
  expect(columns.length).toBeGreaterThan(30);
  for (const [, name] of columns) {
    expect(Object.keys(zh), name).toContain(`column.${name}`);
  }
});

test("every text is used somewhere", () => {
  const code = files
    .filter(({ name }) => !name.startsWith("text"))
    .map((file) => file.code)
    .join("\n");
  const built = [
    ...[...code.matchAll(/t\(`([\w.]*)\$\{[^}]*\}([\w.]*)`/g)].map(
      ([, before, after]) => [before, after] as const,
    ),
    ...[...code.matchAll(/word\("(\w+)"/g)].map(([, kind]) => [`${kind}.`, ""] as const),
  ];
  const unused = Object.keys(en).filter(
    (key) =>
      !code.includes(`"${key}"`) &&
      !built.some(([before, after]) => key.startsWith(before) && key.endsWith(after)),
  );
  expect(unused).toEqual([]);
});

test("no markup is built from text, and no other host is asked", () => {
  for (const { name, code } of files) {
    expect(code, name).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|\{@html|document\.write/,
    );
    expect(code, name).not.toMatch(/https?:\/\//);
    expect(code, name).not.toMatch(/ style="/); // the server's policy allows no inline styles
  }
});

test("no file but the catalogues is longer than 300 lines", () => {
  const code = files.filter(({ name }) => !name.startsWith("text"));
  const long = code.filter(({ code }) => code.split("\n").length > 301);
  expect(long.map(({ name }) => name)).toEqual([]);
});
