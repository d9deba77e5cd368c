/** The language in use, and texts in it. */

import { en } from "./en.ts";
import { filled } from "./filled.ts";
import { zh } from "./zh.ts";

export type Key = keyof typeof en;
export type Language = "en" | "zh";

const CATALOGUES: Record<Language, Record<Key, string>> = { en, zh };
const STORED = "segmetry.language";

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

let language = $state<Language>(firstLanguage());
document.documentElement.lang = firstLanguage();

export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(STORED, next);
  document.documentElement.lang = next;
}

export const currentLanguage = () => language;

/** A text of the catalogue with its values put in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return filled(CATALOGUES[language][key], values);
}

/** The word for a name that the server uses; one that has none stays as it is. */
export function word(kind: string, name: string): string {
  const key = `${kind}.${name}`;
  return key in en ? t(key as Key) : name;
}
