/** Rectangles on a picture, drawn and changed in whole pixels, always inside of it. */

import type { Point } from "./chunks.ts";
import type { Box } from "./geometry.ts";
import type { Size } from "./raster.ts";

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

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
