/** The words of this panel, in the language in use. */

import { filled } from "../../text/filled.ts";
import { currentLanguage } from "../../text/text.svelte.ts";
import { en, zh } from "./words.ts";

export type Word = keyof typeof en;

export function c(word: Word, values: Record<string, string | number> = {}): string {
  return filled((currentLanguage() === "zh" ? zh : en)[word], values);
}

/** What a class is called: those that every project begins with, in the language in use. */
export const nameOf = (name: string) =>
  name === "background" || name === "objects" ? c(`name.${name}`) : name;
