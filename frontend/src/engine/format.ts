/** Numbers and column names as a person reads them; the decimal mark is always a point. */

const UNITS: readonly (readonly [string, string])[] = [
  ["_per_mm2", "/mm²"],
  ["_per_px2", "/px²"],
  ["_mm2", "mm²"],
  ["_um2", "µm²"],
  ["_um3", "µm³"],
  ["_um", "µm"],
  ["_px", "px"],
  ["_deg", "°"],
  ["_rad", "rad"],
];

/** "area_um2" to "area" and "µm²". */
export function columnName(column: string): { name: string; unit: string } {
  const found = UNITS.find(([ending]) => column.endsWith(ending));
  const bare = found === undefined ? column : column.slice(0, -found[0].length);
  return { name: bare.replaceAll("_", " "), unit: found?.[1] ?? "" };
}

/** Whether a column's values go with a length, an area or neither. */
export function dimensionOf(column: string): number {
  if (column.startsWith("area")) return 2;
  return 1;
}

/** Enough digits to tell the two ends of an axis apart, and what lies between. */
export function digitsFor(low: number, high: number): number {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const range = Math.abs(high - low);
  if (!(range > 0)) return 3;
  return Math.max(3, Math.min(8, Math.ceil(Math.log10(size / range)) + 2));
}

/** The words at an axis, all with the same decimals. */
export function ticks(values: readonly number[]): string[] {
  const range = Math.max(...values) - Math.min(...values);
  if (!(range >= 1e-3) || range >= 1e6) return values.map((value) => numberText(value));
  const isWhole = values.every(Number.isInteger);
  const decimals = isWhole ? 0 : Math.max(0, 2 - Math.floor(Math.log10(range)));
  return values.map((value) => value.toFixed(decimals));
}

/**
 * The number that a person wrote, with a point or a comma; null where there is none, and
 * NaN where it is not clear: "1,234" is above a thousand to some, and below two to others.
 */
export function numberIn(text: string): number | null {
  const bare = text.trim();
  if (bare === "") return null;
  const isNumber = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i.test(bare);
  const isClear = isNumber && !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(bare);
  const value = isClear ? Number(bare.replace(",", ".")) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

export function numberText(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 1);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 10));
}
