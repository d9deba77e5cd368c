/** What the server tells of many pictures: counts by region, and totals from a few. */

import type { Estimate, Rows } from "./types.ts";

/** Counts and densities by region; of groups with intervals, which whole animals give. */
export interface RegionTables {
  groups: Rows;
  /** Null where the sheet tells no animals. */
  animals: Rows | null;
  regions: Rows;
  remarks: string[];
}

/** Totals of all pictures from those that were corrected; `groups` by condition. */
export interface Estimated extends GroupEstimate {
  seed: number | null;
  /** What the sources of uncertainty come to together; "" where nothing is known. */
  budget: string;
  unit: "um" | "px";
  count: Estimate;
  density: Estimate;
  mean: Estimate;
  /** By how much the automatic count is off. */
  bias_percent: Estimate;
  precision: Estimate;
  recall: Estimate;
  plan: { sentence: string };
  groups: GroupEstimate[];
  notes: string[];
}

/** Without numbers where too few pictures were corrected. */
export interface GroupEstimate {
  name?: string;
  n_pictures: number;
  n_corrected: number;
  automatic_count?: number;
  count?: Estimate;
  density?: Estimate;
}

/** Which pictures are fit to be pooled with the others. */
export interface Quality {
  /** By identifier, of each picture that has a result. */
  pictures: Record<string, { verdict: "pass" | "look" | "fail"; reason: string }>;
  /** The numbers with and without those in doubt; empty where all pass. */
  sentence: string;
}
