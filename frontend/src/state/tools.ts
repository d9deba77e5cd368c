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
