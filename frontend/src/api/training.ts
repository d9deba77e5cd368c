/** What the server tells of trainings. */

import type { Estimate } from "./types.ts";

/** How a training goes, and what came of it; beside a job of kind "training". */
export interface Training {
  score_name: string;
  sentences: string[];
  curve: TrainingPoint[];
  outcome: TrainingOutcome | null;
}

export interface TrainingPoint {
  /** Which network of several is trained: "part 1 of 3". */
  training: string;
  step: number;
  steps: number;
  loss: number | null;
  /** On pictures that it did not learn from; null between two looks at them. */
  score: number | null;
}

export interface TrainingOutcome {
  accepted: boolean;
  verdict: string | null;
  model: string | null;
  /** By group of pictures, "all" among them, and then by name. */
  scores: Record<string, Record<string, Estimate>>;
  scores_on: string | null;
  seconds: number;
}

export interface Trainings {
  available: boolean;
  message: string | null;
  pictures: {
    id: string;
    name: string;
    labels: string;
    n_objects: number;
    is_checked: boolean;
  }[];
  n_needed: number;
}
