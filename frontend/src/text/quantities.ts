/** The names of what is measured: those of the tables' columns, in the language in use. */

import { columnName } from "../engine/format.ts";
import { word } from "./text.svelte.ts";

/** "area_um2" to "area" and "µm²"; English names are the columns' own words. */
export function quantityOf(column: string): { name: string; unit: string } {
  const { name, unit } = columnName(column);
  const own = name.replaceAll(" ", "_");
  const told = word("column", own);
  return { name: told === own ? name : told, unit };
}

/** "area_um2" to "area (µm²)". */
export function titleOf(column: string): string {
  const { name, unit } = quantityOf(column);
  return unit === "" ? name : `${name} (${unit})`;
}

/** Columns to choose from. */
export const quantityOptions = (columns: readonly string[]) =>
  columns.map((column) => [column, titleOf(column)] as const);

/** By what objects count. */
export const WEIGHTS = ["number", "volume"] as const;
