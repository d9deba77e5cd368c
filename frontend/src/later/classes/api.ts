/** The server's doors about classes of pixels. */

import { address, call } from "../../api/client.ts";
import type { Point } from "../../engine/chunks.ts";
import type { Box } from "../../engine/geometry.ts";

export interface PixelClass {
  readonly id: number;
  readonly name: string;
  readonly n_strokes: number;
}

export interface Stroke {
  readonly op_id: string;
  /** Null is the eraser. */
  readonly class_id: number | null;
  readonly width: number;
  readonly points: readonly Point[];
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const answer = await call(path, { method, headers, body: JSON.stringify(body) });
  return answer.json();
}

type Classes = Promise<PixelClass[]>;

export const classes = (project: string): Classes =>
  ask("GET", `projects/${project}/classes`);
export const addClass = (project: string, name: string): Classes =>
  ask("POST", `projects/${project}/classes`, { name });
export const renameClass = (project: string, id: number, name: string): Classes =>
  ask("PATCH", `projects/${project}/classes/${id}`, { name });
export const removeClass = (project: string, id: number): Classes =>
  ask("DELETE", `projects/${project}/classes/${id}`);
export const strokes = (picture: string): Promise<Stroke[]> =>
  ask("GET", `images/${picture}/strokes`);
export const draw = (picture: string, stroke: Stroke): Classes =>
  ask("POST", `images/${picture}/strokes`, stroke);
export const takeBack = (picture: string, opId: string): Classes =>
  ask("DELETE", `images/${picture}/strokes/${opId}`);
/** Let the server get ready, so that the first answer is quick. */
export const makeReady = (picture: string, window: Box): Promise<null> =>
  ask("POST", `images/${picture}/classes/ready`, { window });
/** The number of the class of each pixel of a window, row by row. */
export async function classMap(picture: string, window: Box): Promise<Uint8Array> {
  const answer = await call(`images/${picture}/classes`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ window }),
  });
  return new Uint8Array(await answer.arrayBuffer());
}
/** Keep what was taught as a model; its name, and how it is called as a method. */
export const keepModel = (
  project: string,
  name: string,
): Promise<{ name: string; segmenter: string }> =>
  ask("POST", `projects/${project}/classifiers`, { name });
export const modelAddress = (name: string) => address(`models/${name}`);
