/** From stored numbers to grey, and from labels to colours and outlines. */

import { colourOf } from "../engine/palette.ts";

/** Values from `centre - width / 2`, black, to `centre + width / 2`, white. */
export interface Window {
  readonly centre: number;
  readonly width: number;
}

/** How stored numbers become values: times `slope`, plus `intercept`. */
export interface Stored {
  readonly slope: number;
  readonly intercept: number;
}

export const meant = (number: number, { slope, intercept }: Stored) =>
  number * slope + intercept;

/** The usual windows of computed tomography, in Hounsfield units. */
export const PRESETS = {
  lung: { centre: -600, width: 1500 },
  soft: { centre: 40, width: 400 },
  bone: { centre: 400, width: 1800 },
  brain: { centre: 40, width: 80 },
} as const satisfies Record<string, Window>;

const AIR = -1024; // HU; below is what lies outside of the scanner's field of view

/** Whether values may well be Hounsfield units: no other scale goes down to those of air. */
export const areHounsfield = ({ low, high }: { low: number; high: number }) =>
  low < AIR / 2 && low > 8 * AIR && high > 0 && high < 32 * -AIR;

/** The window at first: without what is less than air in Hounsfield units. */
export function firstWindow(facts: {
  low: number;
  high: number;
  window: readonly [number, number];
}): [number, number] {
  const [low, high] = facts.window;
  return areHounsfield(facts) && high > AIR ? [Math.max(low, AIR), high] : [low, high];
}

const N_STORED = 2 ** 16;
const LEAST = -(2 ** 15);
const OPAQUE = 0xff000000;

/** The colour of each stored number, from the least to the greatest, as ABGR. */
export function greysOf({ centre, width }: Window, stored: Stored): Uint32Array {
  const greys = new Uint32Array(N_STORED);
  const low = centre - width / 2;
  for (let at = 0; at < N_STORED; at++) {
    const share = (meant(at + LEAST, stored) - low) / width;
    const grey = Math.round(255 * Math.max(0, Math.min(1, share)));
    greys[at] = OPAQUE | (grey << 16) | (grey << 8) | grey;
  }
  return greys;
}

export function paintGreys(values: Int16Array, greys: Uint32Array, out: Uint32Array): void {
  for (let at = 0; at < values.length; at++) out[at] = greys[values[at] - LEAST];
}

/** Paint objects in their colours, all in white where `isWhite`; the ground stays clear. */
export function paintLabels(labels: Uint32Array, out: Uint32Array, isWhite = false): void {
  let [last, colour] = [0, 0];
  for (let at = 0; at < labels.length; at++) {
    const id = labels[at];
    if (id !== last) {
      const [red, green, blue] = isWhite ? [255, 255, 255] : colourOf(id);
      colour = id === 0 ? 0 : OPAQUE | (blue << 16) | (green << 8) | red;
      last = id;
    }
    out[at] = colour;
  }
}

/**
 * The outlines of the objects of a slice: for each, pieces of line between voxels, as
 * x, y, x, y in columns and rows. Pieces in a row that follow one another are one.
 */
export function outlines(labels: Uint32Array, width: number): Map<number, number[]> {
  const height = labels.length / width;
  const lines = new Map<number, number[]>();
  const put = (id: number, piece: readonly number[]) => {
    const own = lines.get(id);
    if (own === undefined) lines.set(id, [...piece]);
    else own.push(...piece);
  };
  // Across, then down: pieces over or before each voxel, and those under or after it.
  for (const [n, length, perLine, perStep] of [
    [height, width, width, 1],
    [width, height, 1, width],
  ]) {
    for (let line = 0; line < n; line++) {
      for (const side of [0, 1]) {
        const isEdge = line + side === 0 || line + side === n;
        const toOther = (2 * side - 1) * perLine;
        let [start, id] = [0, 0];
        for (let along = 0; along <= length; along++) {
          const at = line * perLine + along * perStep;
          let next = along < length ? labels[at] : 0;
          if (next !== 0 && !isEdge && labels[at + toOther] === next) next = 0;
          if (next === id) continue;
          const place = line + side;
          if (id !== 0) {
            put(
              id,
              perStep === 1 ? [start, place, along, place] : [place, start, place, along],
            );
          }
          [start, id] = [along, next];
        }
      }
    }
  }
  return lines;
}
