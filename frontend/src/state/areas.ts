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
/** What is to be sent: news of an earlier answer may show another state until then. */
let due: { picture: string; excluded: Excluded; timer: number } | null = null;

export function setExcluded(picture: Picture, excluded: Excluded): void {
  app.putPicture({ ...picture, excluded });
  if (due !== null) {
    clearTimeout(due.timer);
    if (due.picture !== picture.id) void send();
  }
  due = { picture: picture.id, excluded, timer: setTimeout(() => void send(), PAUSE) };
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

async function send(): Promise<void> {
  if (due === null) return;
  const { picture: id, excluded } = due;
  due = null;
  const told =
    (await app.try(() => api.exclude(id, excluded))) ??
    (await app.try(() => api.picture(id)));
  const isNewer = due !== null; // the hand went on meanwhile: its own answer comes
  if (told !== undefined && !isNewer) app.putPicture(told);
}
