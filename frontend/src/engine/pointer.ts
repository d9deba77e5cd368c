/** Mouse, pen and finger to pans, zooms and strokes in whole picture pixels. */

import type { Point } from "./chunks.ts";
import { pinch } from "./pinch.ts";
import { toPicture, type View } from "./view.ts";

export interface Hands {
  view(): View;
  /** Whether a press paints; else it pans or picks. */
  paints(): boolean;
  pan(dx: number, dy: number): void;
  zoom(at: { x: number; y: number }, factor: number): void;
  /** The wheel turned with Alt held: a wider or thinner brush. */
  widen(steps: number): void;
  begin(at: Point): void;
  /** All points since the last frame. */
  move(points: readonly Point[]): void;
  end(): void;
  cancel(): void;
  /** Where the pointer rests, in window and picture; null when it left. */
  hover(at: { x: number; y: number; point: Point } | null): void;
  pick(at: Point, event: PointerEvent): void;
}

const CLICK_REACH = 4;

/** Listen on an element until the returned function is called. */
export function listenToPointer(target: HTMLElement, hands: Hands): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let doing: "nothing" | "panning" | "painting" | "pinching" = "nothing";
  const fingers = new Map<number, { x: number; y: number }>();
  let [downX, downY, lastX, lastY] = [0, 0, 0, 0];
  let waiting: Point[] = [];
  let frame = 0;
  let isSpaceHeld = false;

  const place = (event: MouseEvent) => {
    const { left, top } = target.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const pointAt = (event: MouseEvent): Point => {
    const { x, y } = place(event);
    const [column, row] = toPicture(hands.view(), x, y);
    return [Math.floor(column), Math.floor(row)];
  };
  const flush = () => {
    frame = 0;
    if (waiting.length > 0) hands.move(waiting);
    waiting = [];
  };
  // What one finger began to paint was the start of a pinch.
  const stopPainting = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    waiting = [];
    hands.cancel();
  };
  const finish = (event: PointerEvent, isCancelled: boolean) => {
    fingers.delete(event.pointerId);
    if (doing === "pinching" && fingers.size > 0) return;
    cancelAnimationFrame(frame);
    if (doing === "painting") {
      flush();
      if (isCancelled) hands.cancel();
      else hands.end();
    } else if (doing === "panning" && !isCancelled) {
      const moved = Math.hypot(event.clientX - downX, event.clientY - downY);
      if (moved < CLICK_REACH && event.button === 0) hands.pick(pointAt(event), event);
    }
    doing = "nothing";
  };

  target.addEventListener(
    "pointerdown",
    (event) => {
      fingers.set(event.pointerId, place(event));
      if (fingers.size > 1) {
        if (doing === "painting") stopPainting();
        doing = "pinching";
      }
      if (doing !== "nothing") return;
      target.setPointerCapture(event.pointerId);
      [downX, downY, lastX, lastY] = [
        event.clientX,
        event.clientY,
        event.clientX,
        event.clientY,
      ];
      const paints = event.button === 0 && !isSpaceHeld && hands.paints();
      doing = paints ? "painting" : "panning";
      if (paints) hands.begin(pointAt(event));
    },
    { signal },
  );
  target.addEventListener(
    "pointermove",
    (event) => {
      hands.hover({ ...place(event), point: pointAt(event) });
      if (doing === "pinching") {
        const before = [...fingers.values()];
        if (fingers.has(event.pointerId)) fingers.set(event.pointerId, place(event));
        const { dx, dy, at, factor } = pinch(before, [...fingers.values()]);
        hands.pan(dx, dy);
        hands.zoom(at, factor);
      } else if (doing === "panning") {
        hands.pan(event.clientX - lastX, event.clientY - lastY);
        [lastX, lastY] = [event.clientX, event.clientY];
      } else if (doing === "painting") {
        const events = event.getCoalescedEvents?.() ?? [];
        waiting.push(...(events.length > 0 ? events : [event]).map(pointAt));
        if (frame === 0) frame = requestAnimationFrame(flush);
      }
    },
    { signal },
  );
  target.addEventListener("pointerup", (event) => finish(event, false), { signal });
  target.addEventListener("pointercancel", (event) => finish(event, true), { signal });
  target.addEventListener("pointerleave", () => hands.hover(null), { signal });
  target.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  target.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      // Some browsers turn the wheel sideways while Alt or Shift is held.
      const turn = event.deltaY || event.deltaX;
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (event.altKey) hands.widen(-Math.sign(turn));
      else hands.zoom(place(event), Math.exp((-turn * lines) / 400));
    },
    { signal, passive: false },
  );
  const space = (event: KeyboardEvent) => {
    if (event.code === "Space") isSpaceHeld = event.type === "keydown";
  };
  window.addEventListener("keydown", space, { signal });
  window.addEventListener("keyup", space, { signal });
  return () => stop.abort();
}
