/** Thin structures: what a run is asked for, and what was measured. */

import { call } from "./client.ts";
import type { Estimate, LabelSet, Rows } from "./types.ts";

export const GREYS = ["none", "luma", "red", "green", "blue"] as const;

export interface ThinChoice {
  readonly enabled: boolean;
  /** The channel in which widths are fitted; "none": they are those of the objects. */
  readonly grey: (typeof GREYS)[number];
}

export interface Lines {
  /** Of the labels that were measured. */
  rev: number;
  pixel_size_um: number | null;
  picture: Record<string, Estimate & { unit: string; n: number }>;
  segments: Rows;
}

/** The lines of labels; null where the run was not asked for them. */
export async function linesOf(label: string): Promise<Lines | null> {
  const set: LabelSet = await (await call(`labels/${label}`)).json();
  return set.thin ? (await call(`labels/${label}/thin`)).json() : null;
}

/** x, y and width in pixels of points along the segments, NaN after each. */
export async function pathsOf(
  label: string,
): Promise<{ rev: number; points: Float32Array }> {
  const response = await call(`labels/${label}/thin/paths`);
  const rev = Number(response.headers.get("X-Revision"));
  return { rev, points: new Float32Array(await response.arrayBuffer()) };
}
