/** What of a picture is measured and counted: shown at once, sent when the hand rests. */

import * as api from "../api/client.ts";
import type { Excluded, Picture } from "../api/types.ts";
import { boxBetween, boxOf, freeName, pulled, ringAlong, ringOf } from "../engine/areas.ts";
import type { Point } from "../engine/chunks.ts";
import type { Box } from "../engine/geometry.ts";
import { t } from "../text/text.svelte.ts";
import { app } from "./app.svelte.ts";

/** Rectangles are left out; objects are counted in regions. */
export type AreaKind = "rectangles" | "regions";

const PAUSE = 300;
const MOST_STEPS = 100;
/** What is to be sent: news of an earlier answer may show another state until then. */
let due: { picture: string; excluded: Excluded; timer: number } | null = null;
/** What undo and redo bring back, the newest last. */
let steps = $state.raw<Record<Way, readonly Pick<Picture, "id" | "excluded">[]>>({
  undo: [],
  redo: [],
});
type Way = "undo" | "redo";

export function setExcluded(picture: Picture, change: Partial<Excluded>): void {
  if (due?.picture !== picture.id) remember(picture); // one pull is one step
  show(picture, { ...picture.excluded, ...change });
}

/** Let undo come back to a picture's areas as they are. */
export function remember({ id, excluded }: Picture): void {
  steps = {
    undo: [...steps.undo, { id, excluded }].slice(-MOST_STEPS),
    redo: steps.redo.filter((step) => step.id !== id),
  };
}

/** The next step back, or forth again, where areas are drawn; else undefined. */
export const areaStep = (way: Way) =>
  app.step === "picture"
    ? steps[way].findLast(({ id }) => id === app.pictureId)
    : undefined;

/** Take that step; false where there is none. */
export function takeStep(way: Way): boolean {
  const step = areaStep(way);
  const { picture } = app;
  if (step === undefined || picture === null) return false;
  const back = way === "undo" ? "redo" : "undo";
  const left = steps[way].filter((other) => other !== step);
  steps = { ...steps, [way]: left, [back]: [...steps[back], picture] };
  show(picture, step.excluded);
  void send(); // what is changed next is a step of its own
  return true;
}

function show(picture: Picture, excluded: Excluded): void {
  app.putPicture({ ...picture, excluded });
  if (due !== null) {
    clearTimeout(due.timer);
    if (due.picture !== picture.id) void send();
  }
  due = { picture: picture.id, excluded, timer: setTimeout(() => void send(), PAUSE) };
}

/** Add the rectangle between the ends of a line. */
export function addArea(picture: Picture, kind: AreaKind, line: readonly [Point, Point]) {
  const box = boxBetween(...line, picture);
  if (box === null) return;
  if (kind === "regions") addRegion(picture, ringOf(box));
  else setExcluded(picture, { rectangles: [...picture.excluded.rectangles, box] });
}

/** Add the region that a way over the picture goes around. */
export function addOutline(picture: Picture, way: readonly Point[], step: number) {
  const ring = ringAlong(way, picture, step);
  if (ring !== null) addRegion(picture, ring);
}

function addRegion(picture: Picture, ring: readonly Point[]): void {
  const { regions } = picture.excluded;
  const name = freeName(regions, (n) => t("area.regions", { n }));
  setExcluded(picture, { regions: [...regions, { name, rings: [ring] }] });
}

/** The areas of a kind, each with its name and the rectangle around it. */
export function areasOf({ excluded }: Picture, kind: AreaKind) {
  return kind === "regions"
    ? excluded.regions.map(({ name, rings }) => ({ name, box: boxOf(rings) }))
    : excluded.rectangles.map((box, i) => ({
        name: t("area.rectangles", { n: i + 1 }),
        box,
      }));
}

/** Pull an area to another rectangle; null takes it away. */
export function changeArea(picture: Picture, kind: AreaKind, at: number, box: Box | null) {
  const { rectangles, regions } = picture.excluded;
  if (box === null) {
    setExcluded(picture, { [kind]: picture.excluded[kind].toSpliced(at, 1) });
  } else if (kind === "rectangles") {
    setExcluded(picture, { rectangles: rectangles.with(at, box) });
  } else setExcluded(picture, { regions: regions.with(at, pulled(regions[at], box)) });
}

export function nameRegion(picture: Picture, at: number, name: string): void {
  const { regions } = picture.excluded;
  if (name.trim() === "") return;
  setExcluded(picture, {
    regions: regions.with(at, { ...regions[at], name: name.trim() }),
  });
}

/** Send at once what is to be sent. */
export async function send(): Promise<void> {
  if (due === null) return;
  const { picture: id, excluded, timer } = due;
  clearTimeout(timer);
  due = null;
  const told =
    (await app.try(() => api.exclude(id, excluded))) ??
    (await app.try(() => api.picture(id)));
  const isNewer = due !== null; // the hand went on meanwhile: its own answer comes
  if (told !== undefined && !isNewer) app.putPicture(told);
}

// News of an earlier answer take nothing back under the hand.
app.withUnsent = (picture) =>
  due?.picture === picture.id ? { ...picture, excluded: due.excluded } : picture;
