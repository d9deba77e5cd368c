import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CATALOGUES } from "../../src/volume/catalogue.ts";

const SRC = new URL("../../src/volume/", import.meta.url);
const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

test("both languages have the same words with the same values in them", () => {
  const { en, zh } = CATALOGUES;
  expect(Object.keys(zh)).toEqual(Object.keys(en));
  for (const [word, text] of Object.entries(en)) {
    expect(holes(zh[word as keyof typeof en]), word).toEqual(holes(text));
  }
});

test("every word is used somewhere", () => {
  const code = readdirSync(SRC)
    .filter((name) => name !== "catalogue.ts")
    .map((name) => readFileSync(new URL(name, SRC), "utf8"))
    .join("\n");
  const unused = Object.keys(CATALOGUES.en).filter((word) => !code.includes(`"${word}"`));
  expect(unused).toEqual([]);
});
