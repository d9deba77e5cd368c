/** Where the picture lies in the window. Lengths are CSS pixels unless they say otherwise. */

import type { Picture } from "../api/types.ts";
import { type Box, overlap } from "./geometry.ts";
import type { Size } from "./raster.ts";

type Written = Pick<Picture, "height" | "excluded" | "calibration">;

export interface View {
  /** The window's sides. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** CSS pixels per picture pixel. */
  readonly scale: number;
  /** Where the picture's upper left corner lies in the window. */
  readonly left: number;
  readonly top: number;
}

const RIM = 64; // CSS pixels: what lies at a picture's edge is not hidden by the controls
const MARGIN = 16;
const FOOT = 36; // CSS pixels more than the margin: the boxes at the window's lower rim
const LARGEST = 64; // device pixels per picture pixel: a pixel is then a large square

export function toPicture(view: View, x: number, y: number): [number, number] {
  return [(x - view.left) / view.scale, (y - view.top) / view.scale];
}

export function toWindow(view: View, x: number, y: number): [number, number] {
  return [x * view.scale + view.left, y * view.scale + view.top];
}

/** The part of the plane that the window shows, in picture pixels. */
export function shown(view: View): Box {
  const [x, y] = toPicture(view, 0, 0);
  return { x, y, width: view.width / view.scale, height: view.height / view.scale };
}

/** The whole picture, centred, with a margin; `foot` keeps the window's lower rim free. */
export function fitted(view: View, size: Size, foot = false): View {
  if (foot)
    return {
      ...fitted({ ...view, height: view.height - FOOT }, size),
      height: view.height,
    };
  const scale = Math.max(
    1e-6,
    Math.min(
      (view.width - 2 * MARGIN) / size.width,
      (view.height - 2 * MARGIN) / size.height,
      LARGEST / view.ratio,
    ),
  );
  return {
    ...view,
    scale,
    left: (view.width - size.width * scale) / 2,
    top: (view.height - size.height * scale) / 2,
  };
}

/** Zoom so that what lies under a point of the window stays there. */
export function zoomAbout(
  view: View,
  at: { x: number; y: number },
  factor: number,
  size: Size,
): View {
  const smallest = Math.min(fitted(view, size).scale / 4, 1 / view.ratio);
  const scale = Math.min(LARGEST / view.ratio, Math.max(smallest, view.scale * factor));
  const [x, y] = toPicture(view, at.x, at.y);
  return keepInSight(
    { ...view, scale, left: at.x - x * scale, top: at.y - y * scale },
    size,
  );
}

/** One picture pixel on one device pixel, about the window's middle. */
export function oneToOne(view: View, size: Size): View {
  const middle = { x: view.width / 2, y: view.height / 2 };
  return zoomAbout(view, middle, 1 / view.ratio / view.scale, size);
}

export function panBy(view: View, dx: number, dy: number, size: Size): View {
  return keepInSight({ ...view, left: view.left + dx, top: view.top + dy }, size);
}

/** The same place in the middle of a window of another shape. */
export function resized(view: View, width: number, height: number, ratio: number): View {
  return {
    ...view,
    width,
    height,
    ratio,
    left: view.left + (width - view.width) / 2,
    top: view.top + (height - view.height) / 2,
  };
}

/** How many picture pixels an arrow key goes: fewer the nearer one looks. */
export function keyStep(view: View): number {
  return Math.max(1, Math.round(4 / view.scale));
}

/** The visible part of a picture in whole pixels, at most `most` of them about its middle. */
export function visiblePart(view: View, size: Size, most: number): Box | null {
  const part = overlap(shown(view), { x: 0, y: 0, ...size });
  if (part === null) return null;
  const shrink = Math.min(1, Math.sqrt(most / (part.width * part.height)));
  const [width, height] = [part.width, part.height].map((side) =>
    Math.floor(side * shrink),
  );
  if (width < 1 || height < 1) return null;
  const x = Math.floor(part.x + (part.width - width) / 2);
  const y = Math.floor(part.y + (part.height - height) / 2);
  return { x, y, width, height };
}

/**
 * Bring a point of the picture to the middle without changing the scale, or as near to it as
 * the picture still fills the window, but for a rim.
 */
export function centreOn(view: View, x: number, y: number, size: Size): View {
  const along = (middle: number, window: number, side: number) =>
    side + 2 * RIM < window
      ? (window - side) / 2
      : clamp(window / 2 - middle, window - RIM - side, RIM);
  return {
    ...view,
    left: along(x * view.scale, view.width, size.width * view.scale),
    top: along(y * view.scale, view.height, size.height * view.scale),
  };
}

/** The level whose pixels are as small as the device's or smaller. */
export function levelFor(view: View, coarsest: number): number {
  const perDevicePixel = 1 / (view.scale * view.ratio);
  return Math.max(0, Math.min(coarsest, Math.floor(Math.log2(perDevicePixel) + 1e-6)));
}

const clamp = (value: number, low: number, high: number) =>
  Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));

// A picture moved out of the window altogether looks like a fault, so a part stays.
function keepInSight(view: View, size: Size): View {
  const least = 64;
  return {
    ...view,
    left: clamp(view.left, least - size.width * view.scale, view.width - least),
    top: clamp(view.top, least - size.height * view.scale, view.height - least),
  };
}

/** Whether something is written at a picture's foot that boxes over it would hide. */
export function hasFoot({ height, excluded, calibration }: Written): boolean {
  const isLow = (y: number) => y > 0.9 * height;
  return (
    excluded.banner?.[1] === height ||
    calibration.found.some(
      ({ source, line }) => source === "bar" && isLow(line?.[0][1] ?? 0),
    )
  );
}
