/** Groups of pictures beside each other: shares for small histograms, points for a trend. */

import type { Cell, Estimate, Group } from "../api/types.ts";

export interface TrendPoint {
  readonly name: string;
  /** The condition's value, or its place among the others where it is a text. */
  readonly at: number;
  /** The text; null where the condition is a number. */
  readonly text: string | null;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The share of each bar in its group, and the largest of all groups: one scale for all. */
export function shares(groups: readonly Pick<Group, "counts">[]): {
  bars: number[][];
  top: number;
} {
  const bars = groups.map(({ counts }) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (total === 0 ? 0 : count / total));
  });
  return { bars, top: Math.max(0, ...bars.flat()) };
}

/** A number of each group against a condition: in its order, or side by side if it is a text. */
export function trend(
  groups: readonly {
    name: string;
    conditions: Record<string, Cell>;
    values: Record<string, Estimate>;
  }[],
  condition: string,
  key: string,
): TrendPoint[] {
  const known = groups.flatMap(({ name, conditions, values }) => {
    const [of, told] = [conditions[condition], values[key]];
    if (of == null || told?.value == null) return [];
    const { value, low, high } = told;
    return [{ name, of, value, low: low ?? value, high: high ?? value }];
  });
  const areNumbers = known.every(({ of }) => typeof of === "number");
  return known
    .map(({ of, ...told }, i) =>
      areNumbers
        ? { ...told, at: Number(of), text: null }
        : { ...told, at: i, text: String(of) },
    )
    .sort((a, b) => a.at - b.at);
}

/** How the intervals of groups were made, each sentence once; with names where it is not so of all. */
export function notesOf(groups: readonly Pick<Group, "name" | "note">[]): string[] {
  const notes = Array.from(new Set(groups.map(({ note }) => note))).filter(Boolean);
  return notes.map((note) => {
    const names = groups.filter((group) => group.note === note).map(({ name }) => name);
    return names.length === groups.length ? note : `${names.join(", ")}: ${note}`;
  });
}

/** Objects per area, in a unit in which it is no tiny number. */
export function perArea(density: Estimate & { unit: string }): Estimate & { unit: string } {
  const { value, low, high } = density;
  const isPixels = density.unit === "per px2";
  const factor = isPixels || Math.abs(value ?? 0) < 0.01 ? 1e6 : 1;
  const times = (number: number | null) => (number === null ? null : factor * number);
  const unit = isPixels ? "/Mpx" : factor === 1 ? "/µm²" : "/mm²";
  return { value: times(value), low: times(low), high: times(high), unit };
}

/** From a value to a place between two others; all in the middle where there is one value. */
export function scaleTo(
  values: readonly number[],
  from: number,
  to: number,
): (value: number) => number {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(high > low)) return () => (from + to) / 2;
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}
