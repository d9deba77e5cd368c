/** The language in use, and texts in it; only the catalogue of that language is loaded. */

import type { en } from "./en.ts";
import { filled } from "./filled.ts";

export type Key = keyof typeof en;
export type Language = "en" | "zh";

const CATALOGUES: Record<Language, () => Promise<Record<Key, string>>> = {
  en: async () => (await import("./en.ts")).en,
  zh: async () => (await import("./zh.ts")).zh,
};
const STORED = "segmetry.language";

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

let language = $state<Language>("en");
let texts = $state.raw({} as Record<Key, string>);

/** Load the texts of a language and show them; before the first drawing, too. */
export async function speak(next: Language = firstLanguage()): Promise<void> {
  texts = await CATALOGUES[next]();
  language = next;
  document.documentElement.lang = next;
}

export async function changeLanguage(): Promise<void> {
  await speak(language === "en" ? "zh" : "en");
  localStorage.setItem(STORED, language);
}

export const currentLanguage = () => language;

/** A text of the catalogue with its values put in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return filled(texts[key], values);
}

/** The word for a name that the server uses; one that has none stays as it is. */
export function word(kind: string, name: string): string {
  const key = `${kind}.${name}`;
  return key in texts ? t(key as Key) : name;
}
