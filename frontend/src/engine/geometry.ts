/** Boxes, and the grid of tiles at each level of a picture's pyramid. */

import type { Size } from "./raster.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The box that two boxes share; null where they share nothing. */
export function overlap(a: Box, b: Box): Box | null {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** The smallest box around two boxes; a missing one counts for nothing. */
export function around(a: Box | null, b: Box | null): Box | null {
  if (a === null || b === null) return a ?? b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** A place in the pyramid: every 2**z-th pixel, cut into squares. */
export interface Place {
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

export const placeKey = ({ z, y, x }: Place): string => `${z}/${y}/${x}`;

/** The coarsest level: the first one that fits into one tile. */
export function lastLevel(size: Size, side: number): number {
  const longest = Math.max(size.width, size.height);
  return Math.max(0, Math.ceil(Math.log2(longest / side)));
}

/** How many pixels the picture has at level z. */
export function levelSize(size: Size, z: number): Size {
  const step = 2 ** z;
  return { width: Math.ceil(size.width / step), height: Math.ceil(size.height / step) };
}

/** A tile's box in pixels of its own level; tiles at the edge are smaller. */
export function tileBox(place: Place, size: Size, side: number): Box {
  const level = levelSize(size, place.z);
  const x = place.x * side;
  const y = place.y * side;
  return {
    x,
    y,
    width: Math.min(side, level.width - x),
    height: Math.min(side, level.height - y),
  };
}

/** The tiles of level z that a box of the picture touches, row by row. */
export function tilesIn(box: Box, z: number, size: Size, side: number): Place[] {
  const inside = overlap(box, { x: 0, y: 0, ...size });
  if (inside === null) return [];
  const reach = side * 2 ** z;
  const places: Place[] = [];
  const lastY = Math.floor((inside.y + inside.height - 1e-9) / reach);
  const lastX = Math.floor((inside.x + inside.width - 1e-9) / reach);
  for (let y = Math.floor(inside.y / reach); y <= lastY; y++) {
    for (let x = Math.floor(inside.x / reach); x <= lastX; x++) places.push({ z, y, x });
  }
  return places;
}

/** The tile one level up that holds this one. */
export function parent({ z, y, x }: Place): Place {
  return { z: z + 1, y: Math.floor(y / 2), x: Math.floor(x / 2) };
}
