import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en, zh } from "../../src/later/classes/words.ts";

const PLACE = new URL("../../src/later/classes/", import.meta.url);
const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

test("both languages of the panel have the same values in each text", () => {
  for (const [key, text] of Object.entries(en)) {
    const other = zh[key as keyof typeof en];
    // A Chinese noun has no plural: {n:stroke|strokes} is {n} there.
    expect(new Set(holes(other)), key).toEqual(new Set(holes(text)));
    expect(other.trim(), key).not.toBe("");
  }
});

test("every text of the panel is used", () => {
  const code = ["ClassesPanel.svelte", "ClassRow.svelte", "teaching.svelte.ts", "text.ts"]
    .map((name) => readFileSync(new URL(name, PLACE), "utf8"))
    .join("\n");
  for (const key of Object.keys(en)) {
    const isBuilt = key.startsWith("name.") && code.includes("c(`name.");
    expect(isBuilt || code.includes(`c("${key}"`), key).toBe(true);
  }
});
