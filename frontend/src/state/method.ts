/** The method that was chosen last in a project, with the options that were changed. */

import type { Cell } from "../api/types.ts";

export interface Chosen {
  readonly method: string;
  readonly options: Readonly<Record<string, Cell>>;
}

const DEFAULT: Chosen = { method: "auto", options: {} };
const nameOf = (project: string) => `segmetry.method.${project}`;

export function keepMethod(project: string, chosen: Chosen): void {
  localStorage.setItem(nameOf(project), JSON.stringify(chosen));
}

export function keptMethod(project: string): Chosen {
  const kept = localStorage.getItem(nameOf(project));
  return kept === null ? DEFAULT : { ...DEFAULT, ...JSON.parse(kept) };
}
