/** Areas of a picture: rectangles in whole pixels, and regions with a name and an outline. */

import type { Point } from "./chunks.ts";
import type { Box } from "./geometry.ts";
import type { Size } from "./raster.ts";

/** Closed outlines in pixels from the picture's corner; a second one within is a hole. */
export interface Region {
  readonly name: string;
  /** As QuPath has it. */
  readonly classification?: string;
  readonly rings: readonly (readonly Point[])[];
}

const SMALLEST = 2; // px: less is a slip of the hand

/** The rectangle of which two pixels are opposite corners; null where it is too small. */
export function boxBetween([x0, y0]: Point, [x1, y1]: Point, size: Size): Box | null {
  const x = Math.max(0, Math.min(x0, x1));
  const y = Math.max(0, Math.min(y0, y1));
  const width = Math.min(size.width, Math.max(x0, x1) + 1) - x;
  const height = Math.min(size.height, Math.max(y0, y1) + 1) - y;
  return width < SMALLEST || height < SMALLEST ? null : { x, y, width, height };
}

/** The rectangle elsewhere, as far as the picture's edges let it go. */
export function moved(box: Box, dx: number, dy: number, size: Size): Box {
  return {
    ...box,
    x: between(0, box.x + Math.round(dx), size.width - box.width),
    y: between(0, box.y + Math.round(dy), size.height - box.height),
  };
}

/** The rectangle with its lower right corner elsewhere. */
export function stretched(box: Box, dx: number, dy: number, size: Size): Box {
  return {
    ...box,
    width: between(SMALLEST, box.width + Math.round(dx), size.width - box.x),
    height: between(SMALLEST, box.height + Math.round(dy), size.height - box.y),
  };
}

/** The outline of a rectangle. */
export function ringOf({ x, y, width, height }: Box): Point[] {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** The outline along the pixels of a way, no point nearer to the last than `step`. */
export function ringAlong(way: readonly Point[], size: Size, step: number): Point[] | null {
  const ring: Point[] = [];
  for (const [column, row] of way) {
    const x = between(0, column + 0.5, size.width);
    const y = between(0, row + 0.5, size.height);
    const [u, v] = ring.at(-1) ?? [Number.POSITIVE_INFINITY, 0];
    if (Math.hypot(x - u, y - v) >= step) ring.push([x, y]);
  }
  const { width, height } = boxOf([ring]);
  return ring.length < 3 || width < SMALLEST || height < SMALLEST ? null : ring;
}

/** The rectangle around outlines. */
export function boxOf(rings: Region["rings"]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of rings.flat()) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The region moved and stretched as the rectangle around it is. */
export function pulled(region: Region, to: Box): Region {
  const from = boxOf(region.rings);
  const place = ([x, y]: Point): Point => [
    to.x + ((x - from.x) * to.width) / (from.width || 1),
    to.y + ((y - from.y) * to.height) / (from.height || 1),
  ];
  return { ...region, rings: region.rings.map((ring) => ring.map(place)) };
}

/** "Region 3" where there are two: the first such name that no region has. */
export function freeName(regions: readonly Region[], named: (n: number) => string): string {
  const taken = new Set(regions.map(({ name }) => name));
  let n = regions.length + 1;
  while (taken.has(named(n))) n++;
  return named(n);
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
