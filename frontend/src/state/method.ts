/** The method that was chosen last in a project, with the options that were changed. */

import type { ThinChoice } from "../api/thin.ts";
import type { Cell } from "../api/types.ts";

export interface Chosen {
  readonly method: string;
  readonly options: Readonly<Record<string, Cell>>;
  readonly thin: ThinChoice;
}

const DEFAULT: Chosen = {
  method: "auto",
  options: {},
  thin: { enabled: false, grey: "none" },
};
const nameOf = (project: string) => `segmetry.method.${project}`;

export function keepMethod(project: string, chosen: Chosen): void {
  localStorage.setItem(nameOf(project), JSON.stringify(chosen));
}

export function keptMethod(project: string): Chosen {
  const kept = localStorage.getItem(nameOf(project));
  return kept === null ? DEFAULT : { ...DEFAULT, ...JSON.parse(kept) };
}
