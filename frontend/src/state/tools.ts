/** The tools that can be in hand. */

export const TOOLS = [
  "select",
  "draw",
  "erase",
  "remove",
  "split",
  "merge",
  "fill",
] as const;
export type Tool = (typeof TOOLS)[number];

export const WIDEST = 200; // of a brush, in pixels

/** A brush some steps wider, or thinner: coarser steps for a wide one. */
export function widened(width: number, steps: number): number {
  const step = width < 20 ? 1 : width < 60 ? 4 : 10;
  return Math.min(WIDEST, Math.max(1, width + steps * step));
}
