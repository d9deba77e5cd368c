/** Colours of classes, and their map as pixels to lay over the picture. */

import type { PixelClass } from "./api.ts";

type Colour = readonly [number, number, number];

/** After Okabe and Ito: told apart by all colour-blind people. The ground is blue. */
const HUES: readonly Colour[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [240, 228, 66],
  [86, 180, 233],
  [213, 94, 0],
];
const FAINT = 0.4; // how much of the ground's colour is seen, beside that of the others

/** A class keeps its colour when others come and go; beyond seven they are darker. */
export function colourOf(id: number): Colour {
  const [red, green, blue] = HUES[(id - 1) % HUES.length];
  const left = 0.6 ** Math.floor((id - 1) / HUES.length);
  return [Math.round(red * left), Math.round(green * left), Math.round(blue * left)];
}

export const cssOf = (id: number) => `rgb(${colourOf(id).join(" ")})`;

/** Four bytes for each pixel; nothing where its class is not known. */
export function classPixels(
  map: Uint8Array,
  classes: readonly PixelClass[],
): Uint8ClampedArray<ArrayBuffer> {
  const colours = new Uint32Array(256);
  const bytes = new Uint8Array(colours.buffer);
  for (const [number, { id }] of classes.entries()) {
    bytes.set([...colourOf(id), number === 0 ? 255 * FAINT : 255], 4 * number);
  }
  const pixels = new Uint32Array(map.length);
  for (let at = 0; at < map.length; at++) pixels[at] = colours[map[at]];
  return new Uint8ClampedArray(pixels.buffer);
}
