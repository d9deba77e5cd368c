/** What of a picture is measured: shown at once, sent when the hand rests. */

import * as api from "../api/client.ts";
import type { Excluded, Picture } from "../api/types.ts";
import { boxBetween } from "../engine/areas.ts";
import type { Point } from "../engine/chunks.ts";
import type { Box } from "../engine/geometry.ts";
import { app } from "./app.svelte.ts";

/** Rectangles are left out; measuring stays within regions where there are any. */
export type AreaKind = "rectangles" | "regions";

const PAUSE = 300;
let due: { picture: string; timer: number } | null = null;

export function setExcluded(picture: Picture, excluded: Excluded): void {
  app.putPicture({ ...picture, excluded });
  if (due !== null && due.picture !== picture.id) void send(due.picture);
  if (due !== null) clearTimeout(due.timer);
  due = { picture: picture.id, timer: setTimeout(() => void send(picture.id), PAUSE) };
}

export function addArea(picture: Picture, kind: AreaKind, line: readonly [Point, Point]) {
  const box = boxBetween(...line, picture);
  if (box === null) return;
  const { excluded } = picture;
  setExcluded(picture, { ...excluded, [kind]: [...excluded[kind], box] });
}

/** Put another box in place of one; null takes it away. */
export function changeArea(picture: Picture, kind: AreaKind, at: number, box: Box | null) {
  const { excluded } = picture;
  const boxes = excluded[kind].toSpliced(at, 1, ...(box === null ? [] : [box]));
  setExcluded(picture, { ...excluded, [kind]: boxes });
}

async function send(id: string): Promise<void> {
  due = null;
  const picture = app.pictures.find((one) => one.id === id);
  if (picture === undefined) return;
  const told =
    (await app.try(() => api.exclude(id, picture.excluded))) ??
    (await app.try(() => api.picture(id)));
  const isNewer = due !== null; // the hand went on meanwhile: its own answer comes
  if (told !== undefined && !isNewer) app.putPicture(told);
}
