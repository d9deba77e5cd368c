/** Lines over the picture, coloured and as thick as they are wide. */

import { toWindow, type View } from "./view.ts";

export interface Paths {
  /** x, y and width in pixels, one after the other. */
  readonly points: Float32Array;
  /** The first point of each segment, and one after the last point and its end mark. */
  readonly starts: readonly number[];
  /** In pixels: where the colours end, for a few very wide places would take them all. */
  readonly top: number;
}

/** Even steps in brightness, for any colour vision: the report's own colours. */
export const RAMP =
  "#440154,#482878,#3e4989,#31688e,#26828e,#1f9e89,#35b779,#6ece58,#b5de2b,#fde725";
const UNMEASURED = "#8793a0";
const COLOURS = [...RAMP.split(","), UNMEASURED];
const BINS = COLOURS.length - 1;
const THINNEST = 1.5; // CSS pixels
const HALO = 6;
const TOP = 0.98; // of the points are below the colours' end

export function pathsFrom(points: Float32Array): Paths {
  const starts = [0];
  const widths: number[] = [];
  for (let at = 0; 3 * at < points.length; at++) {
    if (Number.isNaN(points[3 * at])) starts.push(at + 1);
    else if (!Number.isNaN(points[3 * at + 2])) widths.push(points[3 * at + 2]);
  }
  const sorted = Float32Array.from(widths).sort();
  const top = sorted[Math.floor(TOP * (sorted.length - 1))] || 1;
  return { points, starts, top };
}

/** Which of the colours a width has; the last is for places that were not measured. */
export function binOf(width: number, top: number): number {
  if (Number.isNaN(width)) return BINS;
  return Math.min(BINS - 1, Math.floor((width / top) * BINS));
}

/** The middle of a segment, counted from 1 as in the table. */
export function middleOf({ points, starts }: Paths, segment: number): [number, number] {
  const at = Math.floor((starts[segment - 1] + starts[segment] - 1) / 2);
  return [points[3 * at], points[3 * at + 1]];
}

/** Straight pieces in the window by colour, as x and y of both ends; far off, longer ones. */
export function piecesOf(paths: Paths, view: View, only = 0): number[][] {
  const { points, starts, top } = paths;
  const step = Math.max(1, Math.floor(1 / view.scale));
  const pieces: number[][] = Array.from({ length: BINS + 1 }, () => []);
  const [first, stop] = only === 0 ? [0, starts.length - 1] : [only - 1, only];
  for (let segment = first; segment < stop; segment++) {
    const last = starts[segment + 1] - 2;
    for (let at = starts[segment]; at < last; at += step) {
      const next = Math.min(at + step, last);
      const [x, y] = toWindow(view, points[3 * at] + 0.5, points[3 * at + 1] + 0.5);
      const [u, v] = toWindow(view, points[3 * next] + 0.5, points[3 * next + 1] + 0.5);
      const isOut =
        Math.max(x, u) < 0 ||
        Math.max(y, v) < 0 ||
        Math.min(x, u) > view.width ||
        Math.min(y, v) > view.height;
      if (!isOut) pieces[binOf(points[3 * at + 2], top)].push(x, y, u, v);
    }
  }
  return pieces;
}

/** Draw all lines, and one of them lit. */
export function drawLines(
  context: CanvasRenderingContext2D,
  view: View,
  paths: Paths,
  lit: number,
): void {
  const { canvas } = context;
  canvas.width = view.width * view.ratio; // this also clears it
  canvas.height = view.height * view.ratio;
  context.scale(view.ratio, view.ratio);
  context.lineCap = "round";
  const stroke = (only: number, more: number) => {
    for (const [bin, pieces] of piecesOf(paths, view, only).entries()) {
      context.beginPath();
      for (let k = 0; k < pieces.length; k += 4) {
        context.moveTo(pieces[k], pieces[k + 1]);
        context.lineTo(pieces[k + 2], pieces[k + 3]);
      }
      const width = bin === BINS ? 0 : ((bin + 0.5) / BINS) * paths.top * view.scale;
      context.lineWidth = Math.max(THINNEST, width) + more;
      context.strokeStyle = more > 0 ? "#fff" : COLOURS[bin];
      context.stroke();
    }
  };
  if (lit > 0) stroke(lit, HALO);
  stroke(0, 0);
}
