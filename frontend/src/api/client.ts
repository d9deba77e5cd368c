/** The server's doors, one function each. */

import type { CalibrationChoice, SharedScale } from "./calibration.ts";
import type { Estimated, Quality, RegionTables } from "./tables.ts";
import type { ThinChoice } from "./thin.ts";
import type { Trainings } from "./training.ts";
import type {
  Answer,
  Box,
  Cell,
  ConditionSheet,
  Difference,
  Excluded,
  HowMade,
  Job,
  LabelSet,
  Op,
  Picture,
  Project,
  ProjectStatistics,
  RecentProject,
  Result,
  ReviewTold,
  Rows,
  SegmenterInfo,
  Summary,
  Version,
} from "./types.ts";

const ROOT = new URL("api/v1/", document.baseURI).pathname;

/** The server said no: `message` is its plain sentence, `status` the HTTP number. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function address(path: string): string {
  return ROOT + path;
}

async function refusal(response: Response): Promise<Refusal> {
  try {
    const { error } = await response.json();
    return new Refusal(response.status, String(error.code), String(error.message));
  } catch {
    return new Refusal(
      response.status,
      "unknown",
      `${response.status} ${response.statusText}`,
    );
  }
}

/** Fetch, with what the server refuses thrown as a `Refusal`. */
export async function call(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(address(path), { credentials: "same-origin", ...init });
  if (!response.ok) throw await refusal(response);
  return response;
}

async function get<T>(path: string): Promise<T> {
  return (await call(path)).json();
}

async function send<T>(method: string, path: string, body: unknown): Promise<T> {
  const response = await call(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.status === 204 ? (undefined as T) : response.json();
}

export const recentProjects = () => get<RecentProject[]>("projects");
export const createProject = (name: string) => send<Project>("POST", "projects", { name });
export const renameProject = (id: string, name: string) =>
  send<Project>("PATCH", `projects/${id}`, { name });
/** With its results and its copies of pictures; local pictures stay. */
export const deleteProject = (id: string) =>
  send<void>("DELETE", `projects/${id}?files=true`, undefined);
export const openProject = (id: string) => get<Project>(`projects/${id}`);
export const startDemo = () => send<Project>("POST", "demo", {});

async function sendFile<T>(method: string, path: string, body: File): Promise<T> {
  const headers = { "Content-Type": "application/octet-stream" };
  return (await call(path, { method, headers, body })).json();
}

/** Send one file as it is; the server reads it in a job of its own. */
export const upload = (project: string, file: File) =>
  sendFile<Picture>(
    "POST",
    `projects/${project}/images?name=${encodeURIComponent(file.name)}`,
    file,
  );
export const importProject = (file: File) =>
  sendFile<Project>("POST", "projects/import", file);
export const conditionSheet = (project: string) =>
  get<ConditionSheet>(`projects/${project}/sheet`);
export const sendSheet = (project: string, file: File) =>
  sendFile<ConditionSheet>(
    "PUT",
    `projects/${project}/sheet?name=${encodeURIComponent(file.name)}`,
    file,
  );
export const regionTables = (project: string) =>
  get<RegionTables>(`projects/${project}/regions`);
export const tableAddress = (project: string, table: "animals" | "regions") =>
  address(`projects/${project}/tables/${table}.csv`);
/** Choose pictures at random that are to be corrected. */
export const chooseSample = (project: string, n: number) =>
  send<unknown>("PUT", `projects/${project}/sample`, { n });
/** What the corrected ones of them tell of all pictures. */
export const estimate = (project: string, by: string) =>
  get<Estimated>(`projects/${project}/estimate?by=${encodeURIComponent(by)}`);
export const quality = (project: string) => get<Quality>(`projects/${project}/quality`);
export const removeSheet = (project: string) =>
  send<ConditionSheet>("DELETE", `projects/${project}/sheet`, undefined);
export const statistics = (project: string, asked: Record<string, string>) =>
  get<ProjectStatistics>(`projects/${project}/statistics?${new URLSearchParams(asked)}`);
export const trainings = (project: string) =>
  get<Trainings>(`projects/${project}/trainings`);
export const train = (
  project: string,
  asked: { name: string; minutes: number; start: string },
) => send<Job>("POST", `projects/${project}/trainings`, asked);

export const picture = (id: string) => get<Picture>(`images/${id}`);
export const removePicture = (id: string) =>
  send<void>("DELETE", `images/${id}`, undefined);
export const thumbnail = (id: string) => address(`images/${id}/thumbnail`);
export const pictureTile =
  (id: string, channel: number | null) => (z: number, y: number, x: number) =>
    `images/${id}/tiles/${z}/${y}/${x}${channel === null ? "" : `?ch=${channel}`}`;
export const useChannel = (id: string, channel: number | null) =>
  send<Picture>("PUT", `images/${id}/channel`, { channel });
export const calibrate = (id: string, choice: CalibrationChoice) =>
  send<Picture>("PUT", `images/${id}/calibration`, choice);
export const shareScale = (id: string) =>
  send<SharedScale>("POST", `images/${id}/calibration/shared`, undefined);
/** Say that all objects of these labels are checked; null: that none are. */
export const markChecked = (id: string, labels: string | null) =>
  send<Picture>("PUT", `images/${id}/checked`, { labels });
export const exclude = (id: string, excluded: Excluded) =>
  send<Picture>("PUT", `images/${id}/roi`, excluded);
/** Add the regions of a file of ImageJ or QuPath to those of a picture. */
export const importRegions = (id: string, file: File) =>
  sendFile<Picture>(
    "POST",
    `images/${id}/regions?name=${encodeURIComponent(file.name)}`,
    file,
  );
/** Give a picture's regions to all others that have none. */
export const copyRegions = (id: string) =>
  send<{ n_pictures: number }>("POST", `images/${id}/regions/copy`, undefined);

export const segmenters = () => get<SegmenterInfo[]>("segmenters");
export interface Asked {
  segmenter: string;
  params: Record<string, Cell>;
  thin: ThinChoice;
}
export const run = (id: string, asked: Asked) =>
  send<Job>("POST", `images/${id}/runs`, asked);
/** Get a picture ready, so that its first preview is quick. */
export const makeReady = (id: string) =>
  send<null>("POST", `images/${id}/preview/ready`, undefined);
export interface Previewed {
  data: Uint32Array;
  n: number;
  /** How likely each pixel is of an object, 0 to 255, and the share over which it is. */
  map: Uint8Array | null;
  cutoff: number;
}
/** What a method would find in part of a picture: its numbers row by row, kept nowhere. */
export async function preview(
  id: string,
  asked: Asked & { window: Box; with_map: boolean },
  signal: AbortSignal,
): Promise<Previewed> {
  const response = await call(`images/${id}/preview`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
    signal,
  });
  const [n, cutoff] = ["X-Objects", "X-Cutoff"].map((name) =>
    Number(response.headers.get(name)),
  );
  const content = await response.arrayBuffer();
  const size = asked.window.width * asked.window.height;
  const map = asked.with_map ? new Uint8Array(content, 4 * size) : null;
  return { data: new Uint32Array(content, 0, size), n, map, cutoff };
}
export const jobs = () => get<Job[]>("jobs");
export const cancelJob = (id: string) => send<Job>("DELETE", `jobs/${id}`, undefined);

export const labelSet = (id: string) => get<LabelSet>(`labels/${id}`);
export const labelTile = (id: string) => (z: number, y: number, x: number) =>
  `labels/${id}/tiles/${z}/${y}/${x}`;
/** As the labels were in a version; null: as they were found. */
export const tileBefore =
  (id: string, version: string | null) => (z: number, y: number, x: number) =>
    `labels/${id}/tiles/before/${z}/${y}/${x}${
      version === null ? "" : `?version=${encodeURIComponent(version)}`
    }`;
export const objects = (id: string) => get<Rows>(`labels/${id}/objects`);
export const regionCounts = (id: string) => get<Rows>(`labels/${id}/regions`);
export const summary = (id: string, measure: string, weight: string) =>
  get<Summary>(`labels/${id}/summary?measure=${measure}&weight=${weight}`);
export const postOp = (id: string, op: Op) => send<Answer>("POST", `labels/${id}/ops`, op);
export const undo = (id: string, opId: string, base: number) =>
  send<Answer>("POST", `labels/${id}/undo`, { op_id: opId, base });
export const redo = (id: string, opId: string, base: number) =>
  send<Answer>("POST", `labels/${id}/redo`, { op_id: opId, base });
export const opsSince = (id: string, rev: number) =>
  get<Answer>(`labels/${id}/ops?since=${rev}`);
export const versions = (id: string) => get<Version[]>(`labels/${id}/versions`);
export const saveVersion = (id: string, name: string) =>
  send<Version>("POST", `labels/${id}/versions`, { name });
/** Make the labels those of a version again; null: as they were found. */
export const restore = (id: string, version: string | null, opId: string, base: number) =>
  send<Answer>("POST", `labels/${id}/restore`, { op_id: opId, base, version });
/** Make the objects what another program left of them in a file. */
export const takeEdited = (id: string, file: File, opId: string, base: number) =>
  sendFile<Answer>(
    "POST",
    `labels/${id}/edited?name=${encodeURIComponent(file.name)}&op_id=${opId}&base=${base}`,
    file,
  );
/** What each run found in a picture, the one that counts first. */
export const results = (picture: string) => get<Result[]>(`images/${picture}/labels`);
export const chooseResult = (id: string) =>
  send<Picture>("POST", `labels/${id}/choose`, undefined);
/** In which order to look at objects, and how many wrong ones are left. */
export const review = (id: string, withQueue: boolean) =>
  get<ReviewTold>(`labels/${id}/review${withQueue ? "" : "?most=0"}`);
export const howMade = (id: string) => get<HowMade>(`labels/${id}/command`);
/** How the labels of now differ from a version; null: from what was found at first. */
export const difference = (id: string, version: string | null) =>
  get<Difference>(
    `labels/${id}/compare${version === null ? "" : `?a=${encodeURIComponent(version)}`}`,
  );
export const resumeJob = (id: string) => send<Job>("POST", `jobs/${id}/resume`, {});
export const projectAddress = (id: string) => address(`projects/${id}/export`);
/** Formats of other programs in which objects are given out. */
export const formats = () => get<{ name: string; title: string }[]>("formats");
export const exchangeAddress = (of: string, format: string) =>
  address(`${of}/exchange?to=${format}`);
/** Pictures that were corrected or checked, with their masks. */
export const annotatedAddress = (id: string) => address(`projects/${id}/annotated`);
export const archiveAddress = (id: string) => address(`projects/${id}/archive`);
export const figureAddress = (id: string, asked: Record<string, string>) =>
  address(`labels/${id}/figure?${new URLSearchParams(asked)}`);
export const exportAddress = (id: string, format: string) =>
  address(`labels/${id}/export?fmt=${format}`);
