/** What the server's answers hold. Lengths are in the unit that the field names. */

import type { Region } from "../engine/areas.ts";
import type { Calibration } from "./calibration.ts";
import type { Training } from "./training.ts";

export interface Project {
  id: string;
  name: string;
  pictures: Picture[];
}

export interface RecentProject {
  id: string;
  name: string;
  n_pictures: number;
  opened: string;
}

export type PictureStatus = "reading" | "ready" | "running" | "done" | "look" | "failed";

export interface Picture {
  id: string;
  project: string;
  name: string;
  width: number;
  height: number;
  /** More than one in a volume. */
  n_slices: number;
  status: PictureStatus;
  /** Why the picture failed or wants a look, in a plain sentence; null where all is well. */
  message: string | null;
  /** Their names, empty where the file gives none; no item where there is but one. */
  channels: string[];
  /** In which of them objects are looked for; null: in all together. */
  channel: number | null;
  calibration: Calibration;
  excluded: Excluded;
  /** The label set on show; null before the first run. */
  labels: string | null;
  /** Whether a person has said that all objects of these labels are checked. */
  is_checked: boolean;
  n_objects: number | null;
  /** Whether it is one of those chosen at random to be corrected. */
  is_sampled: boolean;
  /** What the run of these labels told beside its numbers, each in a sentence. */
  warnings: string[];
}

/** Which parts of the picture are measured, and in which objects are counted. */
export interface Excluded {
  /** First row of the banner and the row after its last; null where there is none. */
  banner: [number, number] | null;
  /** They are left out. */
  rectangles: Box[];
  regions: readonly Region[];
  /** Whether objects are looked for only in the rectangles around the regions. */
  only: boolean;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type OpKind =
  | "draw"
  | "erase"
  | "remove"
  | "split"
  | "merge"
  | "fill"
  | "delete"
  | "accept"
  | "reject";

/** A person's act on the labels, as it is sent; pieces of one stroke share a group. */
export interface Op {
  op_id: string;
  base: number;
  group: string | null;
  kind: OpKind;
  points: [number, number][];
  width: number;
  ids: number[];
  overwrite: boolean;
}

/** New numbers for part of a box, row by row; the number -1 leaves pixels as they are. */
export interface Patch extends Box {
  runs: [number, number][];
}

export type Cell = number | string | boolean | null;

export interface Rows {
  columns: string[];
  values: Cell[][];
}

/** What one step of the history did, for the buttons that take it back or do it again. */
export interface Act {
  /** "settle" finishes a step, a restore brings a version back, and what was painted in
   * another program is taken over. */
  kind: OpKind | "restore" | "settle" | "take over";
  /** How many objects were named, and the first of them; none for a stroke. */
  n_ids: number;
  first_id: number | null;
  op_id: string;
}

export interface Answer {
  rev: number;
  patches: Patch[];
  rows: Rows;
  /** Which objects of `rows` a person has accepted; the others of them are not. */
  accepted: number[];
  gone: number[];
  pending: number[];
  n_objects: number;
  undo: Act | null;
  redo: Act | null;
  /** What a person should know, as "the objects do not touch each other". */
  message?: string | null;
}

export interface LabelSet {
  id: string;
  rev: number;
  n_objects: number;
  undo: Act | null;
  redo: Act | null;
  pending: number[];
  /** All objects that a person has accepted. */
  accepted: number[];
  /** Whether the run was asked for thin structures. */
  thin: boolean;
  /** What the run told of this picture beside its numbers, each in a sentence. */
  warnings: string[];
}

/** A number with its interval; null where it cannot be told. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Summary {
  rev: number;
  n: number;
  /** Keys: mean, median, sd, d10, d50, d90. */
  values: Record<string, Estimate>;
  edge_rule: string;
  /** Why no number can be told, in a sentence; null where they can. */
  refused: string | null;
  /** How the intervals were made and what they leave out, for a person. */
  note: string;
}

export interface Version {
  name: string;
  rev: number;
  at: string;
  n_objects: number;
}

/** What one run found in a picture, with what was corrected in it since. */
export interface Result {
  id: string;
  segmenter: string;
  at: string;
  n_objects: number;
  is_corrected: boolean;
}

/** In which order to look at objects, and how many wrong ones are left. */
export interface ReviewTold {
  /** What the method tells of its objects. */
  basis: "confidence" | "none";
  n_left: number;
  errors_left: { value: number; low: number; high: number };
  wanted_precision: number;
  /** After so many more the precision is as good as certain. */
  n_to_stop: number;
  /** "label" and "probability" of being wrong, the next first. */
  queue: Rows;
}

/** How the labels came about, for the command line and as a recipe in TOML. */
export interface HowMade {
  command: string;
  recipe: string;
}

/** Which objects of two versions are the same, and the numbers of those that are not. */
export interface Difference {
  same: number;
  changed: number[];
  added: number[];
  removed: number[];
}

/** The part of JSON Schema that the fields of a segmenter use. */
export interface Schema {
  title?: string;
  description?: string;
  type?: "boolean" | "integer" | "number" | "string" | "object" | "null";
  enum?: Cell[];
  const?: Cell;
  anyOf?: Schema[];
  default?: Cell;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Schema>;
}

export interface SegmenterInfo {
  name: string;
  title: string;
  description: string;
  /** Whether it chooses by itself in which of several channels it looks. */
  picks_channel: boolean;
  options: Schema;
}

export type JobStatus =
  | "waiting"
  | "running"
  | "done"
  | "failed"
  | "cancelled"
  | "interrupted";

export interface Job {
  id: string;
  project: string;
  kind: string;
  title: string;
  status: JobStatus;
  /** 0 to 1; null while it cannot be told. */
  progress: number | null;
  seconds_left: number | null;
  message: string | null;
  picture: string | null;
  training?: Training | null;
}

/** Numbers of the pictures of one condition, or of all. */
export interface Group {
  name: string;
  conditions: Record<string, Cell>;
  n_pictures: number;
  n: number;
  /** Objects per area; the unit is "per um2" or "per px2". */
  density: Estimate & { unit: string };
  edge_rule: string;
  refused: string | null;
  note: string;
  values: Record<string, Estimate>;
  counts: number[];
}

export interface ProjectStatistics {
  quantity: string;
  unit: string;
  quantities: string[];
  conditions: string[];
  n_pictures: number;
  /** All that were found: some are not in the statistics. */
  n_objects: number;
  n_without_labels: number;
  /** Of the bars of all groups alike. */
  edges: number[];
  pooled: Group;
  groups: Group[];
  remarks: string[];
}

/** Which picture was taken under which conditions. */
export interface ConditionSheet {
  name: string | null;
  source: "uploaded" | "folder" | null;
  conditions: string[];
  rows: Rows;
  remarks: string[];
}

export type ServerEvent =
  | { type: "job"; job: Job }
  | { type: "labels"; label: string; rev: number }
  | { type: "picture"; picture: Picture }
  | { type: "removed"; picture: string };
