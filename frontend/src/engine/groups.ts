/** Groups of pictures beside each other: shares for small histograms, points for a trend. */

import type { Cell, Estimate, Group } from "../api/types.ts";

export interface TrendPoint {
  readonly name: string;
  readonly at: number;
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

/** A number of each group against a condition, in its order; empty where it is no number. */
export function trend(
  groups: readonly {
    name: string;
    conditions: Record<string, Cell>;
    values: Record<string, Estimate>;
  }[],
  condition: string,
  key: string,
): TrendPoint[] {
  return groups
    .flatMap(({ name, conditions, values }) => {
      const at = conditions[condition];
      const told = values[key];
      if (typeof at !== "number" || told?.value == null) return [];
      const { value, low, high } = told;
      return [{ name, at, value, low: low ?? value, high: high ?? value }];
    })
    .sort((a, b) => a.at - b.at);
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
