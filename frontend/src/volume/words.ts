/** The words of volumes in the language in use. */

import { filled } from "../text/filled.ts";
import { currentLanguage } from "../text/text.svelte.ts";
import { CATALOGUES } from "./catalogue.ts";

export type Word = keyof typeof CATALOGUES.en;

/** A text about volumes in the language in use, with its values put in. */
export const v = (word: Word, values: Record<string, string | number> = {}): string =>
  filled(CATALOGUES[currentLanguage()][word], values);
