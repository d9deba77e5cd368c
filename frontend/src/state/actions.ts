/** What each key and button does. */

import { inUm } from "../engine/scalebar.ts";
import { moments } from "../engine/statistics.ts";
import {
  centreOn,
  fitted,
  hasFoot,
  oneToOne,
  toWindow,
  zoomAbout,
} from "../engine/view.ts";
import { t } from "../text/text.svelte.ts";
import { app } from "./app.svelte.ts";
import { areaStep, takeStep } from "./areas.svelte.ts";
import { desk } from "./desk.svelte.ts";
import { guests } from "./guest.svelte.ts";
import { isOfThisWindow } from "./identifier.ts";
import { type Action, KEYS } from "./keys.ts";
import { marking } from "./marking.svelte.ts";
import { review } from "./review.svelte.ts";
import { TOOLS, type Tool, WIDEST } from "./tools.ts";

const ZOOM = 1.5;
const ACTS = {
  accept: "review.accept",
  reject: "review.reject",
  delete: "table.delete",
  restore: "versions.restore",
  "take over": "versions.taken",
} as const;
const EDGE = 48; // CSS pixels: nearer to the window's edge is hardly in sight

/** Do it; false where it means nothing now, so that the browser may have the key. */
export function perform(action: Action): boolean {
  if (action === "help") return toggleSheet("keys");
  if (action === "numbers") return toggleSheet("numbers");
  if (app.picture === null) return false;
  if ((TOOLS as readonly string[]).includes(action)) return takeTool(action as Tool);
  const deed = DEEDS[action];
  if (deed === undefined) return false;
  deed();
  return true;
}

/** The tooltip of a button: its name and its key. */
export function withKey(action: Action, name = t(KEYS[action][1])): string {
  return `${name} (${KEYS[action][0]})`;
}

/** Whether there is something to undo, or to redo. */
export const hasStep = (way: "undo" | "redo"): boolean =>
  guests.now?.step(way) ?? (areaStep(way) !== undefined || desk.steps[way] !== null);

/** What the next undo or redo is about: "Undo: Accept object 12". */
export function stepName(way: "undo" | "redo"): string {
  const act = desk.steps[way];
  const name = t(`top.${way}`);
  if (guests.now !== null || areaStep(way) || act === null || act.kind === "settle")
    return name;
  const key = ACTS[act.kind as keyof typeof ACTS] ?? `tool.${act.kind}`;
  const { n_ids: n, first_id: id } = act;
  const what = n === 1 && id !== null ? t("view.object", { id }) : t("result.count", { n });
  const whole = `${name}: ${t(key)}${n === 0 ? "" : ` ${what}`}`;
  return isOfThisWindow(act.op_id) ? whole : `${whole} (${t("top.elsewhere")})`;
}

export function zoom(factor: number): void {
  const middle = { x: desk.view.width / 2, y: desk.view.height / 2 };
  if (app.picture !== null) show(zoomAbout(desk.view, middle, factor, app.picture));
}

/** Bring an object into sight. */
export function goTo(id: number): void {
  const [x, y] = ["centroid_x_px", "centroid_y_px"].map((column) =>
    desk.table.value(id, column),
  );
  if (typeof x === "number" && typeof y === "number") goToPoint(x, y);
}

/** Bring a point of the picture into sight; what is in sight does not move. */
export function goToPoint(x: number, y: number): void {
  if (app.picture === null) return;
  const [left, top] = toWindow(desk.view, x, y);
  const { width, height } = desk.view;
  const isInside =
    left >= EDGE && top >= EDGE && left <= width - EDGE && top <= height - EDGE;
  if (!isInside) show(centreOn(desk.view, x, y, app.picture));
}

function toggleBlackWhite(): void {
  desk.look = { ...desk.look, mode: desk.look.mode === "bw" ? "colour" : "bw" };
}

function show(view: typeof desk.view): void {
  desk.view = view;
}

function takeTool(tool: Tool): boolean {
  desk.tool = tool;
  marking.kind = null;
  if (tool !== "select" && app.step !== "correct") app.step = "correct";
  return true;
}

/** The diameter of a middling object in pixels: a click with such a brush adds one. */
function typicalWidth(): number | null {
  const column = desk.table.columns.find((name) => name.startsWith("equivalent_diameter"));
  if (column === undefined) return null;
  const middle = moments(desk.table.numbers(column).values)?.median;
  const { pixel_size: size, unit } = app.picture?.calibration ?? {
    pixel_size: null,
    unit: null,
  };
  if (middle === undefined) return null;
  const pixels =
    column.endsWith("_px") || size === null || unit === null ? 1 : inUm(size, unit);
  return Math.max(1, Math.min(WIDEST, Math.round(middle / pixels)));
}

function toggleSheet(sheet: "keys" | "numbers"): boolean {
  app.sheet = app.sheet === sheet ? null : sheet;
  return true;
}

const DEEDS: Partial<Record<Action, () => unknown>> = {
  point: () => {
    takeTool("draw");
    desk.width = typicalWidth() ?? desk.width;
  },
  thinner: () => desk.widen(-1),
  wider: () => desk.widen(1),
  hide: () => {
    desk.isHidden = !desk.isHidden;
  },
  bw: toggleBlackWhite,
  fit: () =>
    app.picture !== null && show(fitted(desk.view, app.picture, hasFoot(app.picture))),
  one: () => app.picture !== null && show(oneToOne(desk.view, app.picture)),
  zoomIn: () => zoom(ZOOM),
  zoomOut: () => zoom(1 / ZOOM),
  undo: () => guests.now?.step("undo", true) ?? (takeStep("undo") || desk.undo()),
  redo: () => guests.now?.step("redo", true) ?? (takeStep("redo") || desk.redo()),
  next: () => review.step(1),
  previous: () => review.step(-1),
  accept: () => review.judge("accept"),
  reject: () => review.judge("reject"),
};

review.shown = goTo;
